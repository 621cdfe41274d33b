using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>Span batches on the wire, beside what <see cref="SpanBatchTests"/> holds.</summary>
public sealed class SpanDecodingCases
{
    private static readonly RollupConfig Config = new TestNet(OptimismFork.Jovian).Config;

    /// <summary>A span of one block with transactions made of columns.</summary>
    private static byte[] Wire(ulong relativeTime, ulong lastOrigin, byte originBits, int blocks, bool[] creations, byte parities, byte[][] data, byte[] protections, int recipients, byte signature = 7)
    {
        var writer = new ByteWriter();
        writer.WriteUvarint(relativeTime);
        writer.WriteUvarint(lastOrigin);
        writer.Take(40).Clear();
        writer.WriteUvarint((ulong)blocks);
        writer.Write(originBits);
        writer.WriteUvarint((ulong)data.Length);
        for (int i = 1; i < blocks; i++) writer.Write(0);
        if (data.Length > 0)
        {
            writer.WriteBits([.. creations]);
            writer.Write(parities);
        }

        writer.Take(64 * data.Length).Fill(signature);
        writer.Take(20 * recipients).Fill(9);
        foreach (byte[] part in data) writer.Write(part);
        for (int i = 0; i < data.Length; i++) writer.WriteUvarint((ulong)i);
        for (int i = 0; i < data.Length; i++) writer.WriteUvarint(21_000);
        writer.Write(protections);
        return writer.ToArray();
    }

    private static SpanDecodeResult Decode(byte[] content, out SpanBatch? span) => SpanBatchDecoder.Decode(content, Config, out span);

    private static readonly byte[] s_legacy = [0xc3, 0x01, 0x02, 0x80];
    private static readonly byte[] s_dynamic = [0x02, 0xc5, 0x01, 0x02, 0x03, 0x80, 0xc0];

    [Fact]
    [Case("D-SD-07 D-SD-08")]
    public void The_signatures_v_is_made_of_parity_chain_and_the_next_protected_bit()
    {
        // legacy, typed, legacy: the protected bits belong to the first and the third
        bool[] none = [false, false, false];
        foreach (byte protections in (byte[])[0b00, 0b01, 0b10, 0b11])
        {
            byte[] content = Wire(2, 3, 0, 1, none, 0b101, [s_legacy, s_dynamic, s_legacy], [protections], 3);
            Assert.Equal(SpanDecodeResult.Decoded, Decode(content, out SpanBatch? span));
            Transaction[] transactions = [.. span!.TransactionsOf(0).ToArray().Select(static encoded =>
            {
                Assert.True(Transaction.TryDecode(encoded, out Transaction? transaction, out TransactionError error), error.ToString());
                return transaction!;
            })];
            Assert.Equal((protections & 1) != 0 ? (ulong?)Config.L2ChainId : null, transactions[0].ChainId);
            Assert.Equal((protections & 2) != 0 ? (ulong?)Config.L2ChainId : null, transactions[2].ChainId);
            Assert.Equal((ulong?)Config.L2ChainId, transactions[1].ChainId);
            Assert.Equal([1, 0, 1], transactions.Select(static transaction => (int)transaction.YParity));
        }

        // nobody looks at r and s here: 0xff…ff is beyond the curve's order
        Assert.Equal(SpanDecodeResult.Decoded, Decode(Wire(2, 3, 0, 1, [false], 0, [s_legacy], [1], 1, signature: 0xff), out _));
    }

    [Fact]
    [Case("D-SD-09")]
    public void A_recipient_for_every_transaction_that_creates_nothing_and_no_more()
    {
        Assert.Equal(SpanDecodeResult.Decoded, Decode(Wire(2, 3, 0, 1, [true, false], 0, [s_legacy, s_legacy], [0], 1), out SpanBatch? span));
        Assert.True(Transaction.TryDecode(span!.TransactionsOf(0)[0], out Transaction? first, out _));
        Assert.True(Transaction.TryDecode(span.TransactionsOf(0)[1], out Transaction? second, out _));
        Assert.Null(first!.To);
        Assert.NotNull(second!.To);
        Assert.Equal(SpanDecodeResult.Malformed, Decode(Wire(2, 3, 0, 1, [false, false], 0, [s_legacy, s_legacy], [0], 0), out _));
    }

    [Fact]
    [Case("D-SD-04")]
    public void The_data_of_a_transaction_is_a_list_of_at_most_ten_million_bytes()
    {
        foreach (int length in (int[])[10_000_000, 10_000_001])
        {
            // [value, price, data]: the list's header takes 4 bytes, the string's 4, the numbers 2
            var writer = new RlpWriter();
            int list = writer.BeginList();
            writer.WriteUInt64(1);
            writer.WriteUInt64(2);
            writer.WriteBytes(new byte[length - 10]);
            writer.EndList(list);
            byte[] data = writer.ToArray();
            Assert.Equal(length, data.Length);
            Assert.Equal(length == 10_000_000 ? SpanDecodeResult.Decoded : SpanDecodeResult.Malformed, Decode(Wire(2, 3, 0, 1, [false], 0, [data], [1], 1), out _));
        }
    }

    [Fact]
    [Case("D-SD-10 D-SD-11")]
    public void Origins_are_counted_back_from_the_last_and_numbers_beyond_64_bits_wrap()
    {
        for (int bits = 0; bits < 8; bits++)
        {
            byte[] content = [.. Wire(2, 1, (byte)bits, 3, [], 0, [], [], 0)];
            Assert.Equal(SpanDecodeResult.Decoded, Decode(content, out SpanBatch? span));
            ulong moves = (ulong)(((bits >> 1) & 1) + ((bits >> 2) & 1)); // the first block's bit moves nothing inside the span
            Assert.Equal(1UL, span!.EndEpoch);
            Assert.Equal(unchecked(1UL - moves), span.StartEpoch);
        }

        Assert.Equal(SpanDecodeResult.Decoded, Decode(Wire(ulong.MaxValue, ulong.MaxValue, 0, 3, [], 0, [], [], 0), out SpanBatch? late));
        Assert.Equal(Config.GenesisL2Time - 1, late!.Timestamp);
        Assert.Equal(Config.GenesisL2Time + 3, late.LastTimestamp);

        // in the pipeline both fail a rule, before and from Holocene on
        foreach (OptimismFork fork in (OptimismFork[])[OptimismFork.Granite, OptimismFork.Holocene])
        {
            foreach (ulong time in (ulong[])[2, ulong.MaxValue, ulong.MaxValue - TestNet.GenesisTime, ulong.MaxValue - 4])
            {
                TestNet net = CaseNet.Sequenced(fork, 2);
                net.Submit([SpanBatch.Version, .. Wire(time, 1, 0b111, 3, [], 0, [], [], 0)]);
                net.Submit(net.SingularOf(1), net.SingularOf(2));
                net.Sync();
                net.AssertSafeIsSequenced(2);
            }
        }
    }

    [Theory]
    [InlineData(2, 32, SpanDecodeResult.Decoded)]
    [InlineData(2, 33, SpanDecodeResult.Decoded)] // wider than any amount: the engine's to refuse
    [InlineData(4, 32, SpanDecodeResult.Decoded)]
    [InlineData(4, 33, SpanDecodeResult.NotRebuildable)]
    [Case("D-CR-09 D-SD-05")]
    public void Amounts_of_set_code_transactions_have_256_bits_and_those_of_older_types_have_no_bound(byte type, int width, SpanDecodeResult expected)
    {
        for (int wide = 0; wide < 3; wide++)
        {
            var writer = new RlpWriter();
            int list = writer.BeginList();
            for (int i = 0; i < 3; i++) writer.WriteBytes(i == wide ? [.. Enumerable.Repeat((byte)1, width)] : [5]);
            writer.WriteBytes([]);
            writer.EndList(writer.BeginList());
            if (type == 4) writer.EndList(writer.BeginList());
            writer.EndList(list);
            Assert.Equal(expected, Decode(Wire(2, 3, 0, 1, [false], 0, [[type, .. writer.ToArray()]], [], 1), out _));
        }
    }
}
