namespace Opal.Evm;

/// <summary>The opcodes that a fork has beyond London's.</summary>
[Flags]
internal enum OpcodeSet : byte
{
    London = 0,
    Push0 = 1,
    TransientStorage = 2,
    MemoryCopy = 4,
    BlobHash = 8,
    BlobBaseFee = 16,
    CountLeadingZeros = 32,
}

internal static class OpcodeSets
{
    public static bool Has(this OpcodeSet set, OpcodeSet member) => (set & member) != 0;

    public static OpcodeSet Of(EvmRules rules) =>
        (rules.HasPush0 ? OpcodeSet.Push0 : OpcodeSet.London)
        | (rules.HasTransientStorage ? OpcodeSet.TransientStorage : OpcodeSet.London)
        | (rules.HasMemoryCopy ? OpcodeSet.MemoryCopy : OpcodeSet.London)
        | (rules.HasBlobHash ? OpcodeSet.BlobHash : OpcodeSet.London)
        | (rules.HasBlobBaseFee ? OpcodeSet.BlobBaseFee : OpcodeSet.London)
        | (rules.HasCountLeadingZeros ? OpcodeSet.CountLeadingZeros : OpcodeSet.London);
}
