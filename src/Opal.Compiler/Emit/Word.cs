namespace Opal.Compiler;

/// <summary>A symbolic word: four limbs, least significant first.</summary>
internal readonly record struct Word(Limb L0, Limb L1, Limb L2, Limb L3)
{
    /// <summary>A word below 2^64.</summary>
    public Word(Limb low)
        : this(low, default, default, default)
    {
    }

    /// <summary>A constant below 2^64.</summary>
    public static Word Of(ulong constant) => new(Limb.Of(constant));

    /// <summary>Makes a word of four limbs.</summary>
    public static Word Of(ReadOnlySpan<Limb> limbs) => new(limbs[0], limbs[1], limbs[2], limbs[3]);

    /// <summary>A limb, 0 being the least significant.</summary>
    public Limb this[int index] => index switch { 0 => L0, 1 => L1, 2 => L2, _ => L3 };

    /// <summary>Whether it is below 2^64 for sure.</summary>
    public bool IsSmall => L1.IsZero && L2.IsZero && L3.IsZero;

    /// <summary>Whether it is a constant.</summary>
    public bool IsConstant => L0.IsConstant && L1.IsConstant && L2.IsConstant && L3.IsConstant;
}
