using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The hashes that tell deposits apart (deposits.md#source-hash-computation).</summary>
public static class SourceHash
{
    private const ulong UserDepositDomain = 0;
    private const ulong L1InfoDomain = 1;
    private const ulong UpgradeDomain = 2;
    private const ulong InvalidatedBlockDomain = 4;

    /// <summary>Of a user's deposit: the L1 block and the log's index among all logs of that block.</summary>
    public static Hash256 OfUserDeposit(in Hash256 l1BlockHash, ulong logIndex) => WithDomain(UserDepositDomain, Pair(l1BlockHash, logIndex));

    /// <summary>Of the L1 attributes deposit: the L1 origin and the block's index in its epoch.</summary>
    public static Hash256 OfL1Info(in Hash256 l1BlockHash, ulong sequenceNumber) => WithDomain(L1InfoDomain, Pair(l1BlockHash, sequenceNumber));

    /// <summary>Of a network upgrade transaction: its intent in UTF-8.</summary>
    public static Hash256 OfUpgrade(ReadOnlySpan<byte> intent) => WithDomain(UpgradeDomain, Keccak256.Hash(intent));

    /// <summary>Of a network upgrade transaction by its intent.</summary>
    public static Hash256 OfUpgrade(string intent) => OfUpgrade(Utf8.ToBytes(intent));

    /// <summary>Of the deposit that replaces a block found invalid across chains: its output root.</summary>
    public static Hash256 OfInvalidatedBlock(in Hash256 outputRoot) => WithDomain(InvalidatedBlockDomain, outputRoot);

    private static Hash256 Pair(in Hash256 hash, ulong number)
    {
        Span<byte> bytes = stackalloc byte[64];
        hash.CopyTo(bytes);
        new UInt256(number).WriteBigEndian(bytes[32..]);
        return Keccak256.Hash(bytes);
    }

    private static Hash256 WithDomain(ulong domain, in Hash256 inner)
    {
        Span<byte> bytes = stackalloc byte[64];
        new UInt256(domain).WriteBigEndian(bytes);
        inner.CopyTo(bytes[32..]);
        return Keccak256.Hash(bytes);
    }
}
