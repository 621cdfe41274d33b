using System.Buffers;
using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Xunit.Abstractions;

namespace Opal.JsonRpc.Tests;

/// <summary>Answers are written without an object a field: what a block or a receipt costs is a few objects, however many transactions and logs it has.</summary>
public class AllocationTests(ITestOutputHelper output)
{
    private static (Block Block, Receipt[] Receipts) Sample(int count)
    {
        var transactions = new Transaction[count];
        var receipts = new Receipt[count];
        for (int i = 0; i < count; i++)
        {
            transactions[i] = new Transaction
            {
                Type = TransactionType.DynamicFee,
                ChainId = 10,
                Nonce = (ulong)i,
                MaxFeePerGas = new UInt256(1_000_000),
                MaxPriorityFeePerGas = new UInt256(1000),
                GasLimit = 100_000,
                To = Address.FromNumber((ulong)i + 1000),
                Value = UInt256.MaxValue >> 100,
                Data = new byte[700],
                R = UInt256.MaxValue >> 1,
                S = UInt256.MaxValue >> 2,
            };
            transactions[i].SetSender(Address.FromNumber(99));
            LogEntry[] logs = [.. Enumerable.Range(0, 4).Select(static n => new LogEntry(Address.FromNumber(7), [Hash256.EmptyCode, Hash256.EmptyTrie], new byte[96]))];
            receipts[i] = new Receipt { Type = TransactionType.DynamicFee, Succeeded = true, GasUsed = 50_000, CumulativeGasUsed = 50_000, Logs = logs, EffectiveGasPrice = new UInt256(5000) };
        }

        var header = new BlockHeader { Number = 5, GasLimit = 30_000_000, BaseFeePerGas = new UInt256(1000), WithdrawalsRoot = Hash256.EmptyTrie };
        return (new Block { Header = header, Transactions = transactions, Withdrawals = [] }, receipts);
    }

    private static long Least(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4 << 20);
        using var writer = new Utf8JsonWriter(buffer);
        long least = long.MaxValue;
        for (int i = 0; i < 20; i++)
        {
            buffer.ResetWrittenCount();
            writer.Reset();
            long before = GC.GetAllocatedBytesForCurrentThread();
            write(writer);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            writer.Flush();
        }

        return least;
    }

    [Fact]
    public void Writing_a_block_of_200_transactions_allocates_next_to_nothing()
    {
        (Block block, Receipt[] receipts) = Sample(200);
        long bytes = Least(json => EthJson.WriteBlock(json, block, fullTransactions: true, NoCrypto.Instance, receipts));
        output.WriteLine($"[count] bytes allocated for a block of 200 transactions {bytes}");
        Assert.InRange(bytes, 0, 1024);
    }

    [Fact]
    public void Writing_a_receipt_allocates_next_to_nothing()
    {
        (Block block, Receipt[] receipts) = Sample(1);
        var place = new TransactionPlace(block.Hash, 5, 0, 0, UInt256.One);
        long bytes = Least(json => EthJson.WriteReceipt(json, receipts[0], block.Transactions[0], NoCrypto.Instance, place, 0));
        output.WriteLine($"[count] bytes allocated for a receipt {bytes}");
        Assert.InRange(bytes, 0, 256);
    }

    [Fact]
    public void A_blocks_size_is_the_length_of_its_encoding()
    {
        foreach (int count in new[] { 0, 1, 3, 200 })
        {
            (Block block, _) = Sample(count);
            var withdrawn = new Block { Header = block.Header, Transactions = block.Transactions, Ommers = [block.Header], Withdrawals = [new Withdrawal(1, 2, Address.FromNumber(3), 4), new Withdrawal(500, 2, Address.FromNumber(3), 4_000_000)] };
            foreach (Block sample in new[] { block, withdrawn, new Block { Header = block.Header, Transactions = block.Transactions } })
            {
                using var text = new MemoryStream();
                using (var json = new Utf8JsonWriter(text)) EthJson.WriteBlock(json, sample, false, NoCrypto.Instance);
                Assert.Equal(Hex.Quantity((ulong)sample.Encode().Length), JsonDocument.Parse(text.ToArray()).RootElement.GetProperty("size").GetString());
            }
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("18446744073709551615")]
    [InlineData("18446744073709551616")]
    [InlineData("115792089237316195423570985008687907853269984665640564039457584007913129639935")]
    [InlineData("340282366920938463463374607431768211455")]
    public void Quantities_are_written_as_their_text(string number)
    {
        Assert.True(UInt256.TryParse(number, out UInt256 value));
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text)) json.WriteQuantityValue(value);
        Assert.Equal($"\"{value.ToQuantity()}\"", System.Text.Encoding.UTF8.GetString(text.ToArray()));
    }
}
