namespace Opal.Crypto.Bn254;

/// <summary>The optimal ate pairing on bn254: a Miller loop over 6u + 2 in signed digits, two more lines, a final power.</summary>
/// <remarks>
/// The twist goes into the big curve by (x, y) ↦ (x·w², y·w³), so a line of slope λ through (x, y) of the twist, at the point
/// (X, Y) of G1, is Y - λ·X·w + (λ·x - y)·w³, up to a factor of Fp2, which the final power removes.
/// </remarks>
internal static class Pairing
{
    /// <summary>The curve's parameter.</summary>
    public const ulong U = 4965661367192848881;

    /// <summary>6u + 2 in non-adjacent form, least significant digit first.</summary>
    private static readonly sbyte[] LoopDigits = NonAdjacentForm(((UInt128)U * 6) + 2);

    private static sbyte[] NonAdjacentForm(UInt128 value)
    {
        var digits = new List<sbyte>();
        for (; value != 0; value >>= 1)
        {
            sbyte digit = (value & 1) == 0 ? (sbyte)0 : (sbyte)(2 - (int)(value & 3));
            if (digit == 1) value--;
            else if (digit == -1) value++;
            digits.Add(digit);
        }

        return [.. digits];
    }

    /// <summary>A point of the twist that runs through the loop, homogeneous (x = X/Z, y = Y/Z), with the points it belongs to.</summary>
    internal struct Track(in Fp x, in Fp y, in G2 q)
    {
        private readonly Fp _minusPx = -x, _py = y;
        private readonly G2 _q = q;
        private Fp2 _x = q.X, _y = q.Y, _z = Fp2.One;

        /// <summary>T ← 2T, and f ← f · (tangent at T).</summary>
        public void Double(ref Fp12 f)
        {
            Fp2.Multiply(_x, _y, out Fp2 a);
            Fp2.Halve(a, out a); // a = XY/2
            Fp2.Square(_y, out Fp2 b); // b = Y²
            Fp2.Square(_z, out Fp2 c); // c = Z²
            Fp2.Add(_y, _z, out Fp2 h);
            Fp2.Square(h, out h);
            Fp2.Subtract(h, b, out h);
            Fp2.Subtract(h, c, out h); // h = 2YZ
            Fp2.Add(c, c, out Fp2 e);
            Fp2.Add(e, c, out e);
            Fp2.Multiply(G2.B, e, out e); // e = 3b'Z²
            Fp2.Add(e, e, out Fp2 e3);
            Fp2.Add(e3, e, out e3);
            Fp2.Square(_x, out Fp2 j);
            Fp2.Add(j, j, out Fp2 tangent);
            Fp2.Add(tangent, j, out tangent); // 3X²

            Fp2.Multiply(h, _py, out Fp2 l0);
            Fp2.Multiply(tangent, _minusPx, out Fp2 l1);
            Fp2.Subtract(b, e, out Fp2 l3);
            Fp12.MultiplyByLine(ref f, l0, l1, l3);

            Fp2.Subtract(b, e3, out Fp2 t);
            Fp2.Multiply(a, t, out _x); // X = a(b - 3e)
            Fp2.Add(b, e3, out t);
            Fp2.Halve(t, out t);
            Fp2.Square(t, out t); // ((b + 3e)/2)²
            Fp2.Multiply(e, e3, out e);
            Fp2.Subtract(t, e, out _y); // Y = that - 3e²
            Fp2.Multiply(b, h, out _z); // Z = bh
        }

        /// <summary>T ← T ± Q, and f ← f · (line through them).</summary>
        public void AddBase(ref Fp12 f, bool negative) => Add(ref f, negative ? -_q : _q);

        /// <summary>The two lines after the loop: with π(Q) and with -π²(Q).</summary>
        public void Finish(ref Fp12 f)
        {
            G2 first = _q.Frobenius();
            Add(ref f, first);
            Add(ref f, -first.Frobenius());
        }

        private void Add(ref Fp12 f, in G2 q)
        {
            Fp2.Multiply(q.Y, _z, out Fp2 o);
            Fp2.Subtract(_y, o, out o); // the slope is o/l
            Fp2.Multiply(q.X, _z, out Fp2 l);
            Fp2.Subtract(_x, l, out l);

            Fp2.Multiply(l, _py, out Fp2 l0);
            Fp2.Multiply(o, _minusPx, out Fp2 l1);
            Fp2.Multiply(o, q.X, out Fp2 l3);
            Fp2.Multiply(l, q.Y, out Fp2 t);
            Fp2.Subtract(l3, t, out l3);
            Fp12.MultiplyByLine(ref f, l0, l1, l3);

            Fp2.Square(o, out Fp2 c);
            Fp2.Square(l, out Fp2 d);
            Fp2.Multiply(l, d, out Fp2 e); // e = l³
            Fp2.Multiply(_x, d, out Fp2 g); // g = X l²
            Fp2.Multiply(_z, c, out Fp2 h);
            Fp2.Add(e, h, out h);
            Fp2.Subtract(h, g, out h);
            Fp2.Subtract(h, g, out h); // h = l³ + Z o² - 2g
            Fp2.Multiply(l, h, out _x); // X = lh
            Fp2.Subtract(g, h, out g);
            Fp2.Multiply(o, g, out g);
            Fp2.Multiply(e, _y, out t);
            Fp2.Subtract(g, t, out _y); // Y = o(g - h) - eY
            Fp2.Multiply(_z, e, out _z); // Z = eZ
        }
    }

    /// <summary>The product of the Miller loops; the squarings are shared.</summary>
    public static Fp12 MillerLoop(Span<Track> tracks)
    {
        Fp12 f = Fp12.One;
        for (int i = LoopDigits.Length - 2; i >= 0; i--)
        {
            Fp12.Square(f, out f);
            for (int k = 0; k < tracks.Length; k++)
            {
                tracks[k].Double(ref f);
                if (LoopDigits[i] != 0) tracks[k].AddBase(ref f, LoopDigits[i] < 0);
            }
        }

        for (int k = 0; k < tracks.Length; k++) tracks[k].Finish(ref f);
        return f;
    }

    /// <summary>f^((p¹² - 1)/r), the hard part by the addition chain of Scott et al. (Pairing 2009).</summary>
    public static Fp12 FinalPower(in Fp12 f)
    {
        // (p⁶ - 1)(p² + 1)
        Fp12 a = f.Conjugate() * f.Inverse();
        a = a.Frobenius().Frobenius() * a;

        Fp12 u1 = a.CyclotomicPower(U), u2 = u1.CyclotomicPower(U), u3 = u2.CyclotomicPower(U);
        Fp12 p1 = a.Frobenius(), p2 = p1.Frobenius(), p3 = p2.Frobenius();
        Fp12 y0 = p1 * p2 * p3;
        Fp12 y1 = a.Conjugate();
        Fp12 y2 = u2.Frobenius().Frobenius();
        Fp12 y3 = u1.Frobenius().Conjugate();
        Fp12 y4 = (u1 * u2.Frobenius()).Conjugate();
        Fp12 y5 = u2.Conjugate();
        Fp12 y6 = (u3 * u3.Frobenius()).Conjugate();

        Fp12 t0 = y6.Square() * y4 * y5;
        Fp12 t1 = y3 * y5 * t0;
        t0 *= y2;
        t1 = (t1.Square() * t0).Square();
        t0 = t1 * y1;
        t1 *= y0;
        return t0.Square() * t1;
    }
}
