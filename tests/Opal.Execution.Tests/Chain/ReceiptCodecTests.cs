using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Execution.Tests;

public sealed class ReceiptCodecTests
{
    private static T? Maybe<T>(Random random, Func<T> make) where T : struct => random.Next(2) == 0 ? null : make();

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static UInt256 Number(Random random) => UInt256.FromBigEndian(Bytes(random, random.Next(1, 33)));

    private static L1FeeInfo Context(Random random) => new()
    {
        BaseFee = Number(random),
        BlobBaseFee = Maybe(random, () => Number(random)),
        FeeScalar = Maybe(random, () => Number(random)),
        BaseFeeScalar = Maybe(random, () => (uint)random.NextInt64(1L << 32)),
        BlobBaseFeeScalar = Maybe(random, () => (uint)random.NextInt64(1L << 32)),
        OperatorFeeScalar = Maybe(random, () => (uint)random.NextInt64(1L << 32)),
        OperatorFeeConstant = Maybe(random, () => (ulong)random.NextInt64()),
        DAFootprintGasScalar = Maybe(random, () => (ushort)random.Next(1 << 16)),
    };

    private static Receipt Any(Random random, L1FeeInfo context)
    {
        TransactionType[] types = [TransactionType.Legacy, TransactionType.AccessList, TransactionType.DynamicFee, TransactionType.Blob, TransactionType.SetCode, TransactionType.Deposit];
        return new Receipt
        {
            Type = types[random.Next(types.Length)],
            Succeeded = random.Next(2) == 0,
            CumulativeGasUsed = (ulong)random.NextInt64(),
            GasUsed = (ulong)random.NextInt64(),
            EffectiveGasPrice = Number(random),
            DepositNonce = Maybe(random, () => (ulong)random.Next(3)),
            DepositReceiptVersion = Maybe(random, () => 1UL),
            ContractAddress = Maybe(random, () => new Address(Bytes(random, 20))),
            BlobGasUsed = Maybe(random, () => (ulong)random.NextInt64()),
            BlobGasPrice = Maybe(random, () => Number(random)),
            Logs = [.. Enumerable.Range(0, random.Next(4)).Select(_ => new LogEntry(
                new Address(Bytes(random, 20)), [.. Enumerable.Range(0, random.Next(5)).Select(_ => new Hash256(Bytes(random, 32)))], Bytes(random, random.Next(100))))],
            L1Fee = random.Next(4) == 0 ? null : new L1FeeInfo
            {
                Fee = Number(random), GasUsed = Number(random), BaseFee = context.BaseFee, BlobBaseFee = context.BlobBaseFee, FeeScalar = context.FeeScalar,
                BaseFeeScalar = context.BaseFeeScalar, BlobBaseFeeScalar = context.BlobBaseFeeScalar, OperatorFeeScalar = context.OperatorFeeScalar,
                OperatorFeeConstant = context.OperatorFeeConstant, DAFootprintGasScalar = context.DAFootprintGasScalar,
            },
        };
    }

    /// <summary>Everything a receipt says, read by reflection so that a new field is not forgotten.</summary>
    private static string Describe(object? value) => value switch
    {
        null => "null",
        LogEntry log => $"{log.Address} {string.Join(',', log.Topics)} {Hex.Encode(log.Data)}",
        LogEntry[] logs => string.Join(';', logs.Select(Describe)),
        Bloom bloom => Hex.Encode(bloom.Bytes),
        Receipt or L1FeeInfo => string.Join('\n', value.GetType().GetProperties().Select(p => $"{p.Name}={Describe(p.GetValue(value))}")),
        _ => value.ToString()!,
    };

    [Fact]
    public void Receipts_come_back_with_every_field()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            L1FeeInfo first = Context(random), second = Context(random);
            Receipt[] receipts = [.. Enumerable.Range(0, random.Next(6)).Select(i => Any(random, i % 3 == 0 ? second : first))];
            var writer = new RlpWriter();
            ReceiptCodec.Write(writer, receipts);
            Receipt[] back = ReceiptCodec.Read(writer.Written);
            Assert.Equal(receipts.Select(Describe), back.Select(Describe));
        }
    }

    [Fact]
    public void Bytes_that_are_no_receipts_are_damage_and_nothing_worse()
    {
        var random = new Random(5);
        var writer = new RlpWriter();
        ReceiptCodec.Write(writer, [Any(random, Context(random)), Any(random, Context(random))]);
        byte[] good = writer.ToArray();
        for (int i = 0; i < 2000; i++)
        {
            byte[] bad = [.. good.Take(random.Next(good.Length))];
            for (int j = random.Next(3); j > 0 && bad.Length > 0; j--) bad[random.Next(bad.Length)] = (byte)random.Next(256);
            try
            {
                ReceiptCodec.Read(bad);
            }
            catch (StoreCorruptException)
            {
                // named
            }
        }
    }
}
