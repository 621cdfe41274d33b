using System.Reflection.Emit;

namespace Opal.Compiler;

/// <content>Limbs: IL locals, comparisons, and operations that fold constants.</content>
internal sealed partial class ChunkEmitter
{
    /// <summary>How two limbs are compared.</summary>
    private enum Relation : byte
    {
        Equal, NotEqual, Less, NotLess,
    }

    /// <summary>A comparison; the operands are constants or locals, so that it can be computed at any later point of the block.</summary>
    private readonly record struct Comparison(Relation Relation, Limb X, Limb Y);

    private readonly List<LocalBuilder> _pool = [];
    private readonly List<byte> _widths = [];       // by local: its value is below 2^width
    private readonly List<Comparison> _comparisons = [];
    private int _usedLocals;
    private int _localReferences;

    private void ResetLocals()
    {
        _usedLocals = 0;
        _widths.Clear();
        _comparisons.Clear();
    }

    private void Load(LocalBuilder local)
    {
        _localReferences++;
        _il.Emit(OpCodes.Ldloc, local);
    }

    private void Store(LocalBuilder local)
    {
        _localReferences++;
        _il.Emit(OpCodes.Stloc, local);
    }

    /// <summary>A free local, which the caller assigns, on every path once.</summary>
    private Limb NewLocal(int width = 64)
    {
        if (_usedLocals == _pool.Count) _pool.Add(_il.DeclareLocal(typeof(ulong)));
        _widths.Add((byte)width);
        return new Limb(LimbKind.Local, (ulong)_usedLocals++);
    }

    private LocalBuilder LocalOf(Limb limb) => _pool[(int)limb.Value];

    /// <summary>Moves the value on the IL stack to a local.</summary>
    private Limb Keep(int width = 64)
    {
        Limb limb = NewLocal(width);
        Store(LocalOf(limb));
        return limb;
    }

    /// <summary>The limb as a constant or a local.</summary>
    private Limb InLocal(Limb limb)
    {
        if (limb.Kind is LimbKind.Constant or LimbKind.Local) return limb;
        int width = WidthOf(limb);
        Load(limb);
        return Keep(width);
    }

    private Word InLocals(in Word word) => new(InLocal(word.L0), InLocal(word.L1), InLocal(word.L2), InLocal(word.L3));

    private int WidthOf(Limb limb) => limb.Kind switch
    {
        LimbKind.Constant => 64 - System.Numerics.BitOperations.LeadingZeroCount(limb.Value),
        LimbKind.Local => _widths[(int)limb.Value],
        LimbKind.Comparison => 1,
        _ => 64,
    };

    /// <summary>Puts a limb on the IL stack.</summary>
    private void Load(Limb limb)
    {
        switch (limb.Kind)
        {
            case LimbKind.Constant:
                _il.Emit(OpCodes.Ldc_I8, unchecked((long)limb.Value));
                break;
            case LimbKind.Local:
                Load(LocalOf(limb));
                break;
            case LimbKind.Stack:
                LoadAddress((int)(limb.Value >> 2) - Base, (int)(limb.Value & 3));
                _il.Emit(OpCodes.Ldind_I8);
                break;
            default:
                LoadComparison(_comparisons[(int)limb.Value]);
                break;
        }
    }

    private void LoadComparison(in Comparison comparison)
    {
        Load(comparison.X);
        Load(comparison.Y);
        _il.Emit(comparison.Relation is Relation.Equal or Relation.NotEqual ? OpCodes.Ceq : OpCodes.Clt_Un);
        if (comparison.Relation is Relation.NotEqual or Relation.NotLess)
        {
            _il.Emit(OpCodes.Ldc_I4_0);
            _il.Emit(OpCodes.Ceq);
        }

        _il.Emit(OpCodes.Conv_U8);
    }

    /// <summary>Branches when a limb is (or is not) zero, comparing only now.</summary>
    private void BranchIf(Limb condition, bool nonZero, Label target)
    {
        if (condition.Kind != LimbKind.Comparison)
        {
            Load(condition);
            _il.Emit(nonZero ? OpCodes.Brtrue : OpCodes.Brfalse, target);
            return;
        }

        Comparison comparison = _comparisons[(int)condition.Value];
        Relation relation = nonZero ? comparison.Relation : Opposite(comparison.Relation);
        Load(comparison.X);
        if (comparison.Y.IsZero && relation is Relation.Equal or Relation.NotEqual)
        {
            _il.Emit(relation == Relation.Equal ? OpCodes.Brfalse : OpCodes.Brtrue, target);
            return;
        }

        Load(comparison.Y);
        _il.Emit(relation switch { Relation.Equal => OpCodes.Beq, Relation.NotEqual => OpCodes.Bne_Un, Relation.Less => OpCodes.Blt_Un, _ => OpCodes.Bge_Un }, target);
    }

    private static Relation Opposite(Relation relation) => relation switch
    {
        Relation.Equal => Relation.NotEqual,
        Relation.NotEqual => Relation.Equal,
        Relation.Less => Relation.NotLess,
        _ => Relation.Less,
    };

    private Limb Compare(Relation relation, Limb x, Limb y)
    {
        if (x.IsConstant && y.IsConstant)
        {
            bool holds = relation switch { Relation.Equal => x == y, Relation.NotEqual => x != y, Relation.Less => x.Value < y.Value, _ => x.Value >= y.Value };
            return Limb.Of(holds ? 1UL : 0);
        }

        if (relation is Relation.Equal or Relation.NotEqual && x.IsConstant) (x, y) = (y, x);
        if (relation is Relation.Less && y.IsZero) return default;
        if (relation is Relation.NotLess && y.IsZero) return Limb.Of(1);
        _comparisons.Add(new Comparison(relation, InLocal(x), InLocal(y)));
        return new Limb(LimbKind.Comparison, (ulong)(_comparisons.Count - 1));
    }

    /// <summary>Whether a limb is zero; the opposite of a comparison is one too.</summary>
    private Limb EqualsZero(Limb limb)
    {
        if (limb.Kind != LimbKind.Comparison) return Compare(Relation.Equal, limb, default);
        Comparison comparison = _comparisons[(int)limb.Value];
        _comparisons.Add(comparison with { Relation = Opposite(comparison.Relation) });
        return new Limb(LimbKind.Comparison, (ulong)(_comparisons.Count - 1));
    }

    private Limb Binary(OpCode op, Limb x, Limb y, int width = 64)
    {
        Load(x);
        Load(y);
        _il.Emit(op);
        return Keep(width);
    }

    private Limb Or(Limb x, Limb y)
    {
        if (x.IsConstant && y.IsConstant) return Limb.Of(x.Value | y.Value);
        if (x.IsZero || x == y) return y;
        if (y.IsZero) return x;
        if (x.Is(ulong.MaxValue) || y.Is(ulong.MaxValue)) return Limb.Of(ulong.MaxValue);
        return Binary(OpCodes.Or, x, y, Math.Max(WidthOf(x), WidthOf(y)));
    }

    private Limb And(Limb x, Limb y)
    {
        if (x.IsConstant && y.IsConstant) return Limb.Of(x.Value & y.Value);
        if (x.IsZero || y.IsZero) return default;
        if (x.IsConstant) (x, y) = (y, x);
        if (x == y || (y.IsConstant && Covers(y.Value, WidthOf(x)))) return x;
        return Binary(OpCodes.And, x, y, Math.Min(WidthOf(x), WidthOf(y)));
    }

    private static bool Covers(ulong mask, int width) => width == 64 ? mask == ulong.MaxValue : (mask & ((1UL << width) - 1)) == (1UL << width) - 1;

    private Limb Xor(Limb x, Limb y)
    {
        if (x.IsConstant && y.IsConstant) return Limb.Of(x.Value ^ y.Value);
        if (x.IsZero) return y;
        if (y.IsZero) return x;
        if (x == y) return default;
        return Binary(OpCodes.Xor, x, y, Math.Max(WidthOf(x), WidthOf(y)));
    }

    private Limb Not(Limb x)
    {
        if (x.IsConstant) return Limb.Of(~x.Value);
        Load(x);
        _il.Emit(OpCodes.Not);
        return Keep();
    }

    /// <summary>x &lt;&lt; n for n up to 64.</summary>
    private Limb ShiftLimbLeft(Limb x, int n)
    {
        if (n == 64 || x.IsZero) return default;
        if (n == 0) return x;
        if (x.IsConstant) return Limb.Of(x.Value << n);
        Load(x);
        _il.Emit(OpCodes.Ldc_I4, n);
        _il.Emit(OpCodes.Shl);
        return Keep(Math.Min(64, WidthOf(x) + n));
    }

    /// <summary>x &gt;&gt; n for n up to 64.</summary>
    private Limb ShiftLimbRight(Limb x, int n)
    {
        if (n >= WidthOf(x)) return default;
        if (n == 0) return x;
        if (x.IsConstant) return Limb.Of(x.Value >> n);
        Load(x);
        _il.Emit(OpCodes.Ldc_I4, n);
        _il.Emit(OpCodes.Shr_Un);
        return Keep(WidthOf(x) - n);
    }

    /// <summary>x &gt;&gt; n with copies of the sign, for n below 64.</summary>
    private Limb ShiftLimbRightSigned(Limb x, int n)
    {
        if (n == 0) return x;
        if (x.IsConstant) return Limb.Of(unchecked((ulong)((long)x.Value >> n)));
        if (WidthOf(x) < 64) return ShiftLimbRight(x, n);
        Load(x);
        _il.Emit(OpCodes.Ldc_I4, n);
        _il.Emit(OpCodes.Shr);
        return Keep();
    }

    /// <summary>All limbs of a word or-ed together.</summary>
    private Limb OrAll(in Word word) => Or(Or(word.L0, word.L1), Or(word.L2, word.L3));

    /// <summary>The upper three limbs or-ed together.</summary>
    private Limb OrUpper(in Word word) => Or(word.L1, Or(word.L2, word.L3));
}
