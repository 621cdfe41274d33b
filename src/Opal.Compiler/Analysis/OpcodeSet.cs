using Opal.Evm;

namespace Opal.Compiler;

/// <summary>The opcodes that not every fork has. Rules with the same set share machine code, for nothing else of them is compiled in.</summary>
[Flags]
internal enum OpcodeSet : byte
{
    /// <summary>London's.</summary>
    None = 0,
    /// <summary>PUSH0.</summary>
    Push0 = 1,
    /// <summary>TLOAD and TSTORE.</summary>
    TransientStorage = 2,
    /// <summary>MCOPY.</summary>
    MemoryCopy = 4,
    /// <summary>BLOBHASH.</summary>
    BlobHash = 8,
    /// <summary>BLOBBASEFEE.</summary>
    BlobBaseFee = 16,
    /// <summary>CLZ.</summary>
    CountLeadingZeros = 32,
}

/// <summary>Reads the set from the rules.</summary>
internal static class OpcodeSets
{
    /// <summary>The opcodes of these rules.</summary>
    public static OpcodeSet Of(EvmRules rules) =>
        (rules.HasPush0 ? OpcodeSet.Push0 : 0)
        | (rules.HasTransientStorage ? OpcodeSet.TransientStorage : 0)
        | (rules.HasMemoryCopy ? OpcodeSet.MemoryCopy : 0)
        | (rules.HasBlobHash ? OpcodeSet.BlobHash : 0)
        | (rules.HasBlobBaseFee ? OpcodeSet.BlobBaseFee : 0)
        | (rules.HasCountLeadingZeros ? OpcodeSet.CountLeadingZeros : 0);
}
