using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The requests that a block makes to the consensus layer (EIP-7685).</summary>
public static class ExecutionRequests
{
    /// <summary>EIP-6110: deposits to the beacon chain.</summary>
    public const byte DepositType = 0;

    /// <summary>EIP-7002: withdrawals.</summary>
    public const byte WithdrawalType = 1;

    /// <summary>EIP-7251: consolidations.</summary>
    public const byte ConsolidationType = 2;

    /// <summary>sha256 of nothing: the hash of no requests, and of every L2 block from Isthmus on.</summary>
    public static Hash256 EmptyHash { get; } = Hash256.Parse("0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

    /// <summary>sha256 of the concatenated sha256 of every request (type ++ data) whose data is not empty.</summary>
    public static Hash256 Hash(IReadOnlyList<byte[]> requests, ICrypto crypto)
    {
        var digests = new byte[requests.Count * 32];
        int count = 0;
        for (int i = 0; i < requests.Count; i++)
        {
            if (requests[i].Length <= 1) continue;
            crypto.Sha256(requests[i], digests.AsSpan(count * 32, 32));
            count++;
        }

        if (count == 0) return EmptyHash;
        Span<byte> digest = stackalloc byte[32];
        crypto.Sha256(digests.AsSpan(0, count * 32), digest);
        return new Hash256(digest);
    }
}
