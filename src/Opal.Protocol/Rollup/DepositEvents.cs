using System.Buffers.Binary;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>User deposits as the OptimismPortal logs them.</summary>
/// <remarks>
/// TransactionDeposited(address indexed from, address indexed to, uint256 indexed version, bytes opaqueData); version 0's opaque
/// data: mint (32 B) ++ value (32 B) ++ gas limit (u64 BE) ++ is creation (1 B) ++ data. Spec: deposits.md#user-deposited-transactions.
/// </remarks>
public static class DepositEvents
{
    private const int FixedSize = 32 + 32 + 8 + 1;

    /// <summary>keccak256("TransactionDeposited(address,address,uint256,bytes)").</summary>
    public static Hash256 Topic { get; } = Hash256.Parse("0xb3813568d9991fc951961fcb4c784893574240a28925604d09fc577c55bb7c32");

    /// <summary>Decodes a log of the deposit contract.</summary>
    /// <param name="log">The log; the caller has checked the address.</param>
    /// <param name="l1BlockHash">The L1 block's hash.</param>
    /// <param name="logIndex">The log's index among all logs of the L1 block.</param>
    /// <param name="deposit">The deposit.</param>
    /// <param name="error">What is wrong.</param>
    public static bool TryDecode(LogEntry log, in Hash256 l1BlockHash, ulong logIndex, out Transaction? deposit, out DepositError error)
    {
        deposit = null;
        error = Read(log, out ReadOnlySpan<byte> opaque);
        if (error != DepositError.None) return false;
        UInt256 mint = UInt256.FromBigEndian(opaque[..32]);
        bool isCreation = opaque[72] != 0;
        deposit = new Transaction
        {
            Type = TransactionType.Deposit,
            SourceHash = SourceHash.OfUserDeposit(l1BlockHash, logIndex),
            From = Address.FromUInt256(log.Topics[1].ToUInt256()),
            To = isCreation ? null : Address.FromUInt256(log.Topics[2].ToUInt256()),
            Mint = mint.IsZero ? null : mint,
            Value = UInt256.FromBigEndian(opaque[32..64]),
            GasLimit = BinaryPrimitives.ReadUInt64BigEndian(opaque[64..]),
            Data = opaque[FixedSize..].ToArray(),
        };
        return true;
    }

    private static DepositError Read(LogEntry log, out ReadOnlySpan<byte> opaque)
    {
        opaque = default;
        if (log.Topics.Length == 0 || log.Topics[0] != Topic) return DepositError.NotADeposit;
        if (log.Topics.Length != 4) return DepositError.WrongTopicCount;
        if (log.Topics[1].ToUInt256().BitLength > 160 || log.Topics[2].ToUInt256().BitLength > 160) return DepositError.MalformedAddress;
        ReadOnlySpan<byte> data = log.Data;
        if (data.Length < 64 || data.Length % 32 != 0) return DepositError.MalformedData;
        UInt256 offset = UInt256.FromBigEndian(data[..32]);
        UInt256 length = UInt256.FromBigEndian(data[32..64]);
        if (offset != 32) return DepositError.MalformedData;

        // the string fills the data, but for less than a word of padding
        ulong room = (ulong)(data.Length - 64);
        if (!length.IsUInt64 || length.U0 > room || room - length.U0 >= 32) return DepositError.MalformedData;
        if (!log.Topics[3].IsZero) return DepositError.UnknownVersion;
        opaque = data.Slice(64, (int)length.U0);
        return opaque.Length < FixedSize ? DepositError.OpaqueDataTooShort : DepositError.None;
    }

    /// <summary>Encodes a deposit as the contract would log it, for tests and development chains.</summary>
    public static LogEntry Encode(in Address depositContract, Transaction deposit)
    {
        int length = FixedSize + deposit.Data.Length;
        var data = new byte[64 + ((length + 31) / 32 * 32)];
        data[31] = 32;
        new UInt256((ulong)length).WriteBigEndian(data.AsSpan(32));
        Span<byte> opaque = data.AsSpan(64);
        (deposit.Mint ?? UInt256.Zero).WriteBigEndian(opaque);
        deposit.Value.WriteBigEndian(opaque[32..]);
        BinaryPrimitives.WriteUInt64BigEndian(opaque[64..], deposit.GasLimit);
        opaque[72] = deposit.To is null ? (byte)1 : (byte)0;
        deposit.Data.Span.CopyTo(opaque[FixedSize..]);
        UInt256 to = deposit.To is { } address ? address.ToUInt256() : UInt256.Zero;
        return new LogEntry(depositContract, [Topic, Hash256.FromUInt256(deposit.From.ToUInt256()), Hash256.FromUInt256(to), Hash256.Zero], data);
    }
}
