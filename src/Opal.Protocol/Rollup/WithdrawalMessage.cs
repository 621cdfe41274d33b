using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>A withdrawal from L2 as the L2ToL1MessagePasser logs it and the OptimismPortal proves it (withdrawals.md).</summary>
/// <param name="Nonce">The message nonce, version in the top two bytes.</param>
/// <param name="Sender">The sender on L2.</param>
/// <param name="Target">The target on L1.</param>
/// <param name="Value">Wei.</param>
/// <param name="GasLimit">Gas for the call on L1.</param>
/// <param name="Data">The call data on L1.</param>
public sealed record WithdrawalMessage(UInt256 Nonce, Address Sender, Address Target, UInt256 Value, UInt256 GasLimit, byte[] Data)
{
    /// <summary>keccak256("MessagePassed(uint256,address,address,uint256,uint256,bytes,bytes32)").</summary>
    public static Hash256 Topic { get; } = Hash256.Parse("0x02a52367d10742d8032712c1bb8e0144ff1ec5ffda1ed7d70bb05a2744955054");

    /// <summary>keccak256(abi.encode(nonce, sender, target, value, gas limit, data)).</summary>
    public Hash256 Hash()
    {
        int padded = (Data.Length + 31) / 32 * 32;
        var encoded = new byte[(7 * 32) + padded];
        Span<byte> to = encoded;
        Nonce.WriteBigEndian(to);
        Sender.ToUInt256().WriteBigEndian(to[32..]);
        Target.ToUInt256().WriteBigEndian(to[64..]);
        Value.WriteBigEndian(to[96..]);
        GasLimit.WriteBigEndian(to[128..]);
        new UInt256(192).WriteBigEndian(to[160..]);
        new UInt256((ulong)Data.Length).WriteBigEndian(to[192..]);
        Data.CopyTo(to[224..]);
        return Keccak256.Hash(encoded);
    }

    /// <summary>The storage slot of the L2ToL1MessagePasser that is 1 once the withdrawal was sent: keccak256(hash ++ 0).</summary>
    public static Hash256 StorageSlot(in Hash256 withdrawalHash)
    {
        Span<byte> bytes = stackalloc byte[64];
        withdrawalHash.CopyTo(bytes);
        bytes[32..].Clear();
        return Keccak256.Hash(bytes);
    }

    /// <summary>Reads a MessagePassed log of the L2ToL1MessagePasser.</summary>
    public static bool TryRead(LogEntry log, out WithdrawalMessage? message)
    {
        message = null;
        if (log.Address != Predeploys.L2ToL1MessagePasser || log.Topics.Length != 4 || log.Topics[0] != Topic) return false;
        ReadOnlySpan<byte> data = log.Data; // value, gas limit, offset of data, withdrawal hash, then the data
        if (data.Length < 5 * 32) return false;
        if (UInt256.FromBigEndian(data[64..96]) != 128) return false;
        UInt256 length = UInt256.FromBigEndian(data[128..160]);
        if (!length.IsUInt64 || length.U0 > (ulong)(data.Length - 160)) return false;
        message = new WithdrawalMessage(
            log.Topics[1].ToUInt256(),
            Address.FromUInt256(log.Topics[2].ToUInt256()),
            Address.FromUInt256(log.Topics[3].ToUInt256()),
            UInt256.FromBigEndian(data[..32]),
            UInt256.FromBigEndian(data[32..64]),
            data.Slice(160, (int)length.U0).ToArray());
        return true;
    }
}
