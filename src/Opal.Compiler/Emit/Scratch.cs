namespace Opal.Compiler;

/// <summary>Memory of a chunk's method for what limbs in registers cannot do: shifts by a variable, calls with words.</summary>
internal unsafe struct Scratch
{
    /// <summary>How many limbs.</summary>
    public const int Length = 16;

    /// <summary>The limbs.</summary>
    public fixed ulong Limbs[Length];
}
