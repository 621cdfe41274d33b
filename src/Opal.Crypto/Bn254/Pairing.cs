namespace Opal.Crypto.Bn254;

/// <summary>The optimal ate pairing on bn254: a Miller loop over 6u + 2 in signed digits, two more lines, a final power.</summary>
/// <remarks>
/// The twist goes into the big curve by (x, y) ↦ (x·w², y·w³), so a line of slope λ through (x, y) of the twist, at the point
/// (X, Y) of G1, is Y - λ·X·w + (λ·x - y)·w³, up to a factor of Fp2, which the final power removes.
/// </remarks>
internal static class Pairing
{
    private const ulong U = 4965661367192848881;

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
        private readonly Fp _px = x, _py = y;
        private readonly G2 _q = q;
        private Fp2 _x = q.X, _y = q.Y, _z = Fp2.One;

        /// <summary>T ← 2T, and f ← f · (tangent at T).</summary>
        public void Double(ref Fp12 f)
        {
            Fp2 a = (_x * _y).Half(), b = _y.Square(), c = _z.Square();
            Fp2 e = G2.B * c.Triple();
            Fp2 g = (b + e.Triple()).Half();
            Fp2 h = (_y + _z).Square() - b - c; // 2YZ
            Fp2 tangent = _x.Square().Triple();
            f = f.MultiplyByLine(h * _py, -(tangent * _px), b - e);
            _x = a * (b - e.Triple());
            _y = g.Square() - e.Square().Triple();
            _z = b * h;
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
            Fp2 o = _y - (q.Y * _z), l = _x - (q.X * _z);
            f = f.MultiplyByLine(l * _py, -(o * _px), (o * q.X) - (l * q.Y));
            Fp2 c = o.Square(), d = l.Square(), e = l * d, g = _x * d;
            Fp2 h = e + (_z * c) - g.Double();
            _x = l * h;
            _y = (o * (g - h)) - (e * _y);
            _z *= e;
        }
    }

    /// <summary>The product of the Miller loops; the squarings are shared.</summary>
    public static Fp12 MillerLoop(Span<Track> tracks)
    {
        Fp12 f = Fp12.One;
        for (int i = LoopDigits.Length - 2; i >= 0; i--)
        {
            f = f.Square();
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

        Fp12 u1 = a.Power(U), u2 = u1.Power(U), u3 = u2.Power(U);
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
