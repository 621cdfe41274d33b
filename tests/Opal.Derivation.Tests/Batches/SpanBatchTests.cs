using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

public sealed class SpanBatchTests
{
    private static readonly TestNet Net = new(OptimismFork.Jovian);
    private static readonly RollupConfig Config = Net.Config;

    private static SingularBatch Block(ulong index, ulong epoch, params Transaction[] transactions) => new()
    {
        ParentHash = Keccak256.Hash([1]), EpochNumber = epoch, EpochHash = Keccak256.Hash([2, (byte)epoch]), Timestamp = Config.GenesisL2Time + (2 * index),
        Transactions = [.. transactions.Select(static transaction => transaction.Encoded)],
    };

    private static byte[] Encode(params SingularBatch[] blocks)
    {
        var builder = new SpanBatchBuilder(Config);
        foreach (SingularBatch block in blocks) Assert.Equal(SpanBuildError.None, builder.TryAdd(block, 0));
        return builder.Encode();
    }

    private static SpanDecodeResult Decode(byte[] encoded, out SpanBatch? span) => SpanBatchDecoder.Decode(encoded.AsSpan(1), Config, out span);

    [Fact]
    public void Random_spans_round_trip()
    {
        var random = new Random(21);
        TransactionType?[] types = [null, TransactionType.Legacy, TransactionType.AccessList, TransactionType.DynamicFee, TransactionType.SetCode];
        for (int round = 0; round < 200; round++)
        {
            var blocks = new List<SingularBatch>();
            ulong start = (ulong)random.Next(1, 100_000), epoch = (ulong)random.Next(5, 1000);
            int count = random.Next(1, 40);
            for (int i = 0; i < count; i++)
            {
                if (i > 0 && random.Next(4) == 0) epoch++;
                var transactions = new Transaction[random.Next(4)];
                for (int j = 0; j < transactions.Length; j++) transactions[j] = Net.RandomTransaction(types[random.Next(types.Length)]);
                blocks.Add(Block(start + (ulong)i, epoch, transactions));
            }

            byte[] encoded = Encode([.. blocks]);
            Assert.Equal(SpanDecodeResult.Decoded, Decode(encoded, out SpanBatch? span));
            Assert.Equal(count, span!.BlockCount);
            Assert.True(span.ParentCheck.Matches(blocks[0].ParentHash));
            Assert.True(span.OriginCheck.Matches(blocks[^1].EpochHash));
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(blocks[i].Timestamp, span.TimestampOf(i));
                Assert.Equal(blocks[i].EpochNumber, span.EpochOf(i));
                Assert.Equal(blocks[i].Transactions, span.TransactionsOf(i).ToArray());
            }
        }
    }

    [Fact]
    [Case("D-CR-07")]
    public void Singular_batches_round_trip_and_D_CR_07_bytes_behind_are_ignored()
    {
        for (int round = 0; round < 200; round++)
        {
            SingularBatch batch = Block((ulong)round, 7, [.. Enumerable.Range(0, round % 4).Select(static _ => Net.RandomTransaction())]);
            byte[] encoded = batch.Encode();
            Assert.True(SingularBatch.TryDecode([.. encoded[1..], 1, 2, 3], out SingularBatch? decoded));
            Assert.Equal(encoded, decoded!.Encode());
        }
    }

    [Fact]
    [Case("D-CR-06")]
    public void D_CR_06_singular_batches_of_another_shape_are_refused()
    {
        byte[] Fields(Action<RlpWriter> write)
        {
            var writer = new RlpWriter();
            int list = writer.BeginList();
            write(writer);
            writer.EndList(list);
            return writer.ToArray();
        }

        void Head(RlpWriter writer)
        {
            writer.WriteHash(default);
            writer.WriteUInt64(1);
            writer.WriteHash(default);
            writer.WriteUInt64(2);
        }

        Assert.True(SingularBatch.TryDecode(Fields(writer => { Head(writer); writer.EndList(writer.BeginList()); }), out _));
        Assert.False(SingularBatch.TryDecode(Fields(Head), out _));
        Assert.False(SingularBatch.TryDecode(Fields(writer => { Head(writer); writer.EndList(writer.BeginList()); writer.WriteUInt64(1); }), out _));
        Assert.False(SingularBatch.TryDecode(Fields(writer => { Head(writer); writer.WriteBytes([1, 2]); }), out _));
        Assert.False(SingularBatch.TryDecode(Fields(writer =>
        {
            writer.WriteHash(default);
            writer.WriteRaw([0x82, 0x00, 0x01]); // leading zero
            writer.WriteHash(default);
            writer.WriteUInt64(2);
            writer.EndList(writer.BeginList());
        }), out _));
    }

    [Fact]
    [Case("D-CR-08 D-CR-07 V-06")]
    public void D_CR_08_every_cut_of_the_raw_fields_is_malformed()
    {
        byte[] encoded = Encode(Block(1, 5, Net.RandomTransaction(TransactionType.Legacy), Net.RandomTransaction(TransactionType.SetCode)), Block(2, 6, Net.RandomTransaction()));
        for (int length = 1; length < encoded.Length; length++) Assert.Equal(SpanDecodeResult.Malformed, Decode(encoded[..length], out _));
        Assert.Equal(SpanDecodeResult.Decoded, Decode([.. encoded, 1, 2, 3], out _)); // D-CR-07
    }

    [Fact]
    [Case("D-SD-01 V-05")]
    public void D_SD_01_V_05_numbers_may_be_padded_but_not_pass_64_bits()
    {
        static (bool Ok, ulong Value) Read(params byte[] bytes)
        {
            var reader = new SpanReader(bytes);
            bool ok = reader.TryReadUvarint(out ulong value);
            return (ok, value);
        }

        Assert.Equal((true, 5UL), Read(0x85, 0x80, 0x00));
        Assert.Equal((true, ulong.MaxValue), Read(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01));
        Assert.False(Read(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02).Ok);
        Assert.False(Read(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00).Ok);
        Assert.False(Read(0x80).Ok);
        Assert.False(Read().Ok);
    }

    private static byte[] Prefix(ulong blockCount)
    {
        var writer = new ByteWriter();
        writer.Write(SpanBatch.Version);
        writer.WriteUvarint(2);
        writer.WriteUvarint(3);
        writer.Take(40).Clear();
        writer.WriteUvarint(blockCount);
        return writer.ToArray();
    }

    [Fact]
    [Case("D-SD-02")]
    public void D_SD_02_counts_are_bounded_before_anything_is_allocated()
    {
        Assert.Equal(SpanDecodeResult.Malformed, Decode(Prefix(0), out _));
        Assert.Equal(SpanDecodeResult.Malformed, Decode(Prefix(10_000_001), out _));
        Assert.Equal(SpanDecodeResult.Malformed, Decode([.. Prefix(10_000_000), .. new byte[1_250_000]], out _));
        Assert.Equal(SpanDecodeResult.Malformed, Decode([.. Prefix(ulong.MaxValue)], out _));
        Assert.Equal(SpanDecodeResult.Decoded, Decode([.. Prefix(1), 0, 0], out _)); // one block, no transactions

        var two = new ByteWriter();
        two.Write(Prefix(2));
        two.Write(0);
        two.WriteUvarint(10_000_000);
        two.WriteUvarint(1);
        Assert.Equal(SpanDecodeResult.Malformed, Decode(two.ToArray(), out _));
        var huge = new ByteWriter();
        huge.Write(Prefix(1));
        huge.Write(0);
        huge.WriteUvarint(ulong.MaxValue);
        Assert.Equal(SpanDecodeResult.Malformed, Decode(huge.ToArray(), out _));
    }

    [Fact]
    [Case("D-SD-03 V-06")]
    public void D_SD_03_V_06_bits_past_the_length_are_refused()
    {
        for (int value = 0; value < 256; value++)
        {
            SpanDecodeResult expected = value < 8 ? SpanDecodeResult.Decoded : SpanDecodeResult.Malformed;
            Assert.Equal(expected, Decode([.. Prefix(3), (byte)value, 0, 0, 0], out SpanBatch? span));
            if (span is null) continue;
            // bit 0 belongs to the first block, which it does not move: the last block has the origin in the prefix
            Assert.Equal(3UL, span.EndEpoch);
            Assert.Equal(3UL - (ulong)(((value >> 1) & 1) + ((value >> 2) & 1)), span.StartEpoch);
        }
    }

    [Fact]
    [Case("D-SD-10")]
    public void D_SD_10_an_origin_below_the_number_of_bits_wraps()
    {
        byte[] encoded = [.. Prefix(8), 0xff, 0, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal(SpanDecodeResult.Decoded, Decode(encoded, out SpanBatch? span));
        Assert.Equal(unchecked(3UL - 7UL), span!.StartEpoch);
    }

    /// <summary>A span of one block with one transaction made of given columns.</summary>
    private static SpanDecodeResult DecodeOne(bool creates, byte[] data, int protectedBits, out SpanBatch? span)
    {
        var writer = new ByteWriter();
        writer.Write(Prefix(1));
        writer.Write([0, 1, (byte)(creates ? 1 : 0), 1]);
        writer.Take(64).Fill(7);
        if (!creates) writer.Take(20).Fill(9);
        writer.Write(data);
        writer.WriteUvarint(300);
        writer.WriteUvarint(21_000);
        for (int i = 0; i < protectedBits; i++) writer.Write(1);
        return Decode(writer.ToArray(), out span);
    }

    [Fact]
    [Case("D-SD-04 D-SD-05 V-07")]
    public void D_SD_05_V_07_types_that_cannot_be_rebuilt_lose_the_batch_alone()
    {
        byte[] legacy = [0xc3, 0x01, 0x02, 0x80];
        Assert.Equal(SpanDecodeResult.Decoded, DecodeOne(false, legacy, 1, out SpanBatch? span));
        Assert.True(Transaction.TryDecode(span!.TransactionsOf(0)[0], out Transaction? transaction, out _));
        Assert.Equal(901UL, transaction!.ChainId);
        Assert.Equal(300UL, transaction.Nonce);
        Assert.Equal(SpanDecodeResult.NotRebuildable, DecodeOne(false, [0x00, .. legacy], 1, out _));
        foreach (byte type in (byte[])[3, 5, 0x7d, 0x7e, 0x7f]) Assert.Equal(SpanDecodeResult.NotRebuildable, DecodeOne(false, [type, .. legacy], 0, out _));
        Assert.Equal(SpanDecodeResult.Malformed, DecodeOne(false, [0x80], 1, out _)); // no list
        Assert.Equal(SpanDecodeResult.Malformed, DecodeOne(false, [0x02, 0x80], 0, out _));
        Assert.Equal(SpanDecodeResult.NotRebuildable, DecodeOne(false, [0xc2, 0x01, 0x02], 1, out _)); // a field is missing
        Assert.Equal(SpanDecodeResult.NotRebuildable, DecodeOne(false, [0xc4, 0x01, 0x02, 0x80, 0x80], 1, out _));
        Assert.Equal(SpanDecodeResult.NotRebuildable, DecodeOne(false, [0xc3, 0x00, 0x02, 0x80], 1, out _)); // number with a leading zero
    }

    [Fact]
    [Case("D-SD-06")]
    public void D_SD_06_a_set_code_transaction_without_recipient_loses_the_batch_alone()
    {
        byte[] setCode = [0x04, 0xc6, 0x01, 0x02, 0x03, 0x80, 0xc0, 0xc0];
        Assert.Equal(SpanDecodeResult.Decoded, DecodeOne(false, setCode, 0, out _));
        Assert.Equal(SpanDecodeResult.NotRebuildable, DecodeOne(true, setCode, 0, out _));
    }

    [Fact]
    public void What_no_span_can_carry_is_refused_by_the_builder_and_leaves_it_as_it_was()
    {
        var builder = new SpanBatchBuilder(Config);
        Assert.Equal(SpanBuildError.None, builder.TryAdd(Block(1, 5, Net.RandomTransaction()), 0));
        byte[] before = builder.Encode();
        Transaction good = Net.RandomTransaction(), deposit = new() { Type = TransactionType.Deposit, To = default(Address) };
        Assert.Equal(SpanBuildError.UnsupportedType, builder.TryAdd(Block(2, 5, good, deposit), 0));
        Assert.Equal(SpanBuildError.WrongChain, builder.TryAdd(Block(2, 5, good, new Transaction { Type = TransactionType.DynamicFee, ChainId = 5, R = 1, S = 1 }), 0));
        Assert.Equal(SpanBuildError.WrongChain, builder.TryAdd(Block(2, 5, good, new Transaction { Type = TransactionType.Legacy, ChainId = 5, R = 1, S = 1 }), 0));
        Assert.Equal(SpanBuildError.NotConsecutive, builder.TryAdd(Block(3, 5), 0));
        Assert.Equal(SpanBuildError.OriginJump, builder.TryAdd(Block(2, 7), 0));
        Assert.Equal(SpanBuildError.OriginJump, builder.TryAdd(Block(2, 4), 0));
        Assert.Equal(before, builder.Encode());
    }

    [Fact]
    public void Damaged_spans_never_break_the_decoder()
    {
        var random = new Random(22);
        byte[] encoded = Encode(Block(1, 5, Net.RandomTransaction(), Net.RandomTransaction(TransactionType.SetCode)), Block(2, 6, Net.RandomTransaction(), Net.RandomTransaction()));
        var seen = new int[3];
        for (int round = 0; round < 20_000; round++)
        {
            byte[] damaged = [.. encoded];
            for (int i = random.Next(1, 6); i > 0; i--) damaged[random.Next(1, damaged.Length)] = (byte)random.Next(256);
            seen[(int)Decode(damaged, out _)]++;
            SingularBatch.TryDecode(damaged.AsSpan(1), out _);
        }

        Assert.All(seen, static count => Assert.True(count > 0));
    }
}
