using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The gas that a transaction costs before its first instruction (EIP-2028, 2930, 3860, 7702) and at least (EIP-7623).</summary>
public static class IntrinsicGas
{
    /// <summary>The gas of a plain transfer.</summary>
    public const ulong Transaction = 21_000;

    /// <summary>What an authorization costs, as if it made an account.</summary>
    public const ulong PerAuthorization = 25_000;

    /// <summary>What is given back when the authority's account is there already.</summary>
    public const ulong AuthorizationRefund = 12_500;

    private const ulong Creation = 32_000;
    private const ulong PerZeroByte = 4;
    private const ulong PerNonZeroByte = 16;
    private const ulong PerAccessedAddress = 2_400;
    private const ulong PerAccessedSlot = 1_900;
    private const ulong FloorPerToken = 10;

    /// <summary>The intrinsic gas, and the floor (21,000 or less where the fork has none).</summary>
    public static ulong Of(Transaction transaction, Rules rules, out ulong floor)
    {
        ReadOnlySpan<byte> data = transaction.Data.Span;
        ulong zeros = (ulong)data.Count((byte)0);
        ulong nonZeros = (ulong)data.Length - zeros;
        ulong gas = Transaction + (zeros * PerZeroByte) + (nonZeros * PerNonZeroByte);
        if (transaction.To is null)
        {
            gas += Creation + ((ulong)rules.Evm.InitCodeWordGas * (((ulong)data.Length + 31) / 32));
        }

        foreach (AccessListItem item in transaction.AccessList) gas += PerAccessedAddress + ((ulong)item.StorageKeys.Length * PerAccessedSlot);
        gas += (ulong)transaction.AuthorizationList.Length * PerAuthorization;
        floor = rules.HasCalldataFloor ? Transaction + ((zeros + (nonZeros * 4)) * FloorPerToken) : 0;
        return gas;
    }
}
