using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.ActionTests;

/// <summary>What the rollup's contracts on L1 log.</summary>
public static class L1Logs
{
    public static LogEntry Deposit(Address from, Address? to, UInt256 mint, UInt256 value, ulong gas = 100_000, byte[]? data = null) =>
        DepositEvents.Encode(TestRollup.Portal, new Transaction
        {
            Type = TransactionType.Deposit,
            From = from,
            To = to,
            Mint = mint.IsZero ? null : mint,
            Value = value,
            GasLimit = gas,
            Data = data ?? [],
        });

    public static LogEntry Batcher(Address batcher) => Config(0, batcher.ToUInt256());

    /// <summary>Ecotone's scalars; before Ecotone the overhead and the scalar.</summary>
    public static LogEntry FeeScalars(UInt256 overhead, UInt256 scalar) => Config(1, overhead, scalar);

    /// <summary>Who signs unsafe blocks.</summary>
    public static LogEntry UnsafeBlockSigner(Address signer) => Config(3, signer.ToUInt256());

    public static LogEntry GasLimit(ulong gasLimit) => Config(2, new UInt256(gasLimit));

    public static LogEntry Eip1559(uint denominator, uint elasticity) => Config(4, new UInt256(((ulong)denominator << 32) | elasticity));

    public static LogEntry OperatorFee(uint scalar, ulong constant) => Config(5, (new UInt256(scalar) << 64) | new UInt256(constant));

    public static LogEntry MinBaseFee(ulong wei) => Config(6, new UInt256(wei));

    /// <summary>ConfigUpdate with some words.</summary>
    public static LogEntry Config(ulong type, params UInt256[] words)
    {
        byte[] data = new byte[64 + (32 * words.Length)];
        data[31] = 32;
        data[63] = (byte)(32 * words.Length);
        for (int i = 0; i < words.Length; i++) words[i].WriteBigEndian(data.AsSpan(64 + (32 * i)));
        return new LogEntry(TestRollup.SystemConfigContract, [SystemConfigUpdates.Topic, Hash256.Zero, Hash256.FromUInt256(new UInt256(type))], data);
    }
}
