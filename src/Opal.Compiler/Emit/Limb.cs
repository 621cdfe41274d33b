namespace Opal.Compiler;

/// <summary>What a 64-bit limb is known as while a block is compiled.</summary>
internal enum LimbKind : byte
{
    /// <summary>A constant.</summary>
    Constant,
    /// <summary>An IL local, assigned once in the block.</summary>
    Local,
    /// <summary>Still where it was, in the operand stack.</summary>
    Stack,
    /// <summary>The truth of a comparison, 0 or 1, not computed yet.</summary>
    Comparison,
}

/// <summary>A symbolic 64-bit limb.</summary>
/// <param name="Kind">What <paramref name="Value"/> is.</param>
/// <param name="Value">The constant, the local's number, the place in the operand stack, or the comparison's number.</param>
internal readonly record struct Limb(LimbKind Kind, ulong Value)
{
    /// <summary>0.</summary>
    public static Limb Zero => default;

    /// <summary>A constant.</summary>
    public static Limb Of(ulong constant) => new(LimbKind.Constant, constant);

    /// <summary>Whether it is a constant.</summary>
    public bool IsConstant => Kind == LimbKind.Constant;

    /// <summary>Whether it is 0 for sure.</summary>
    public bool IsZero => this == default;

    /// <summary>Whether it is this constant.</summary>
    public bool Is(ulong constant) => Kind == LimbKind.Constant && Value == constant;
}
