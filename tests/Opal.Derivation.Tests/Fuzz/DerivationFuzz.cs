using System.Buffers.Binary;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation.Tests;

/// <summary>Random and mutated inputs for every decoder that L1 feeds: no exception, memory in proportion, and the verdict of a plain decoder.</summary>
/// <remarks>OPAL_SOAK_DERIVATION sets the number of inputs for each.</remarks>
public sealed class DerivationFuzz
{
    private static readonly RollupConfig Config = FuzzSeeds.Net.Config;

    /// <summary>Runs a body, and fails with the round when it allocates more than it may.</summary>
    private static void Bounded(long most, int seed, int round, Action body)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        body();
        long taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(taken <= most, $"seed {seed}, round {round}: {taken} bytes for an input that may take {most}");
    }

    [Fact]
    public void Span_batches_get_the_verdict_of_the_plain_decoder()
    {
        int seed = Soak.Seed(201);
        var random = new Random(seed);
        var seen = new int[3];
        for (int round = 0, count = Soak.Count(4000); round < count; round++)
        {
            bool real = FuzzSeeds.RealSpans.Count > 0 && round % 1000 == 0;
            List<byte[]> seeds = real ? FuzzSeeds.RealSpans : FuzzSeeds.Spans;
            byte[] input = seeds[random.Next(seeds.Count)];
            if (round % 10 != 1) input = Mutation.Of(random, input);
            SpanDecodeResult verdict = default;
            SpanBatch? span = null;
            Bounded((128L * input.Length) + 100_000, seed, round, () => verdict = SpanBatchDecoder.Decode(input, Config, out span));
            PlainSpan.Result plain = PlainSpan.Decode(input, Config);
            Assert.True(plain.Verdict == verdict, $"seed {seed}, round {round}: {verdict}, plain {plain.Verdict}: {Hex.Encode(input)}");
            seen[(int)verdict]++;
            if (span is null) continue;
            Assert.Equal(plain.FirstTime, span.Timestamp);
            Assert.Equal(plain.Blocks.Count, span.BlockCount);
            Assert.Equal(new HashCheck(plain.ParentCheck), span.ParentCheck);
            Assert.Equal(new HashCheck(plain.OriginCheck), span.OriginCheck);
            for (int i = 0; i < span.BlockCount; i++)
            {
                Assert.Equal(plain.Epochs[i], span.EpochOf(i));
                Assert.Equal(plain.Blocks[i], span.TransactionsOf(i).ToArray());
            }
        }

        Assert.All(seen, static count => Assert.True(count > 20));
    }

    [Fact]
    public void RLP_gets_the_verdict_of_the_plain_reader()
    {
        int seed = Soak.Seed(202);
        var random = new Random(seed);
        var seen = new int[2];
        for (int round = 0, count = Soak.Count(20_000); round < count; round++)
        {
            byte[] input = Mutation.Of(random, FuzzSeeds.Singulars[random.Next(FuzzSeeds.Singulars.Count)]);
            var reader = new RlpReader(input);
            bool read = TryReadTree(ref reader, 0) && reader.AtEnd, plain;
            try
            {
                PlainRlp tree = PlainRlp.ReadWhole(input);
                plain = true;
                Assert.Equal(input, tree.Encode());
            }
            catch (PlainRlp.Malformed)
            {
                plain = false;
            }

            Assert.True(read == plain, $"seed {seed}, round {round}: {read}, plain {plain}: {Hex.Encode(input)}");
            seen[read ? 1 : 0]++;
        }

        Assert.All(seen, static count => Assert.True(count > 100));
    }

    private static bool TryReadTree(ref RlpReader reader, int depth)
    {
        if (!reader.NextIsList) return reader.TryReadBytes(out _);
        if (!reader.TryReadList(out RlpReader items)) return false;
        while (!items.AtEnd)
        {
            if (!TryReadTree(ref items, depth + 1)) return false;
        }

        return true;
    }

    [Fact]
    public void Singular_batches_get_the_verdict_of_the_plain_decoder()
    {
        int seed = Soak.Seed(203);
        var random = new Random(seed);
        var seen = new int[2];
        for (int round = 0, count = Soak.Count(20_000); round < count; round++)
        {
            byte[] input = FuzzSeeds.Singulars[random.Next(FuzzSeeds.Singulars.Count)];
            if (round % 10 != 0) input = Mutation.Of(random, input);
            bool read = false;
            SingularBatch? batch = null;
            Bounded((64L * input.Length) + 10_000, seed, round, () => read = SingularBatch.TryDecode(input, out batch));
            byte[]? plain = PlainChannel.Singular(input);
            Assert.True(read == plain is not null, $"seed {seed}, round {round}: {read}: {Hex.Encode(input)}");
            if (read) Assert.Equal(plain, batch!.Encode()[1..]);
            seen[read ? 1 : 0]++;
        }

        Assert.All(seen, static count => Assert.True(count > 100));
    }

    [Fact]
    public void Frames_get_the_verdict_of_the_plain_parser()
    {
        int seed = Soak.Seed(204);
        var random = new Random(seed);
        var seen = new int[2];
        for (int round = 0, count = Soak.Count(20_000); round < count; round++)
        {
            var frames = new List<Frame>();
            for (int i = random.Next(1, 5); i > 0; i--) frames.Add(new Frame(new ChannelId(Mutation.Noise(random, 16)), (ushort)random.Next(65_536), Mutation.Noise(random, random.Next(60)), random.Next(2) == 0));
            byte[] input = FrameCodec.Encode(frames);
            if (round % 5 != 0) input = Mutation.Of(random, input);
            frames.Clear();
            bool read = FrameCodec.TryParseAll(input, frames, out DataRule rule);
            Assert.Equal(read, rule == DataRule.None);
            List<string>? plain = PlainChannel.Frames(input);
            Assert.True(read == plain is not null, $"seed {seed}, round {round}: {rule}: {Hex.Encode(input)}");
            if (read) Assert.Equal(plain, frames.Select(static frame => $"{frame.Channel} {frame.Number} {Hex.Encode(frame.Data.Span)} {frame.IsLast}"));
            else Assert.Empty(frames);
            seen[read ? 1 : 0]++;
        }

        Assert.All(seen, static count => Assert.True(count > 100));
    }

    [Fact]
    public void Channels_give_the_batches_that_the_plain_reader_finds()
    {
        int seed = Soak.Seed(205);
        var random = new Random(seed);
        var kit = new ReaderKit(Config);
        int batches = 0, broken = 0;
        for (int round = 0, count = Soak.Count(2000); round < count; round++)
        {
            // the content is changed before it is compressed, so that faults lie behind good batches
            var writer = new RlpWriter();
            for (int i = random.Next(1, 5); i > 0; i--)
            {
                bool span = random.Next(2) == 0;
                List<byte[]> seeds = span ? FuzzSeeds.Spans : FuzzSeeds.Singulars;
                byte[] content = seeds[random.Next(seeds.Count)];
                if (random.Next(3) == 0) content = Mutation.Of(random, content);
                writer.WriteBytes([random.Next(40) == 0 ? (byte)random.Next(256) : span ? (byte)1 : (byte)0, .. content]);
            }

            byte[] plainContent = writer.ToArray();
            if (random.Next(4) == 0) plainContent = Mutation.Of(random, plainContent);
            if (plainContent.Length == 0) continue;
            bool brotli = random.Next(2) == 0;
            byte[] channel = brotli ? [1, .. DifferentialTests.Brotli(plainContent, 1, 18)] : DifferentialTests.Zlib(plainContent, System.IO.Compression.CompressionLevel.Fastest);
            (List<string> expected, bool whole) = PlainChannel.Read(plainContent, Config);
            (List<string> found, ChannelRule rule) = kit.Read(channel);
            Assert.True(expected.SequenceEqual(found), $"seed {seed}, round {round}: {found.Count} batches, plain {expected.Count}, {rule}: {Hex.Encode(plainContent)}");
            Assert.Equal(whole, rule == ChannelRule.None);
            batches += found.Count;
            if (!whole) broken++;
        }

        Assert.True(batches > 100 && broken > 50, $"{batches} {broken}");
    }

    [Fact]
    public void Damaged_channels_never_break_the_reader_and_bombs_stay_within_the_limit()
    {
        int seed = Soak.Seed(206);
        var random = new Random(seed);
        var kit = new ReaderKit(Config);
        byte[][] channels =
        [
            TestNet.Compress(false, [1, .. FuzzSeeds.Spans[0]], [0, .. FuzzSeeds.Singulars[1]], [1, .. FuzzSeeds.Spans[1]]),
            TestNet.Compress(true, [1, .. FuzzSeeds.Spans[2]], [0, .. FuzzSeeds.Singulars[2]]),
            DifferentialTests.Zlib(new byte[300_000], System.IO.Compression.CompressionLevel.SmallestSize),
        ];
        for (int round = 0, count = Soak.Count(10_000); round < count; round++)
        {
            byte[] channel = Mutation.Of(random, channels[random.Next(channels.Length)]);
            kit.Read(channel);
        }

        // 120 million zeros in a few hundred bytes: before Fjord ten million bytes of it are looked at, from Fjord on a hundred million
        byte[] zeros = [.. new byte[] { 0xbb, 0x07, 0x27, 0x0e, 0x00 }, .. new byte[120_000_000]];
        foreach (byte[] bomb in (byte[][])[DifferentialTests.Zlib(zeros, System.IO.Compression.CompressionLevel.SmallestSize), [1, .. DifferentialTests.Brotli(zeros, 9, 22)]])
        {
            Bounded(450_000_000, seed, -1, () => Assert.Equal(ChannelRule.RlpLimit, kit.Read(bomb).Rule));
            if (bomb[0] != 1) Bounded(60_000_000, seed, -2, () => Assert.Equal(ChannelRule.RlpLimit, new ReaderKit(FuzzSeeds.Net.Config with { Forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Ecotone) }).Read(bomb).Rule));
        }
    }

    [Fact]
    public void Blobs_are_accepted_where_encoding_their_data_gives_them_back()
    {
        int seed = Soak.Seed(207);
        var random = new Random(seed);
        var seen = new int[2];
        var again = new byte[BlobCodec.BlobSize];
        for (int round = 0, count = Soak.Count(1500); round < count; round++)
        {
            byte[] blob = FakeL1.Blob(Mutation.Noise(random, random.Next(20) == 0 ? random.Next(BlobCodec.MaxDataLength) : random.Next(400)));
            for (int i = random.Next(4); i > 0; i--) blob[random.Next(2) == 0 ? random.Next(160) : random.Next(blob.Length)] ^= (byte)(1 << random.Next(8));
            bool read = BlobCodec.TryDecode(blob, out byte[] data, out DataRule rule);
            Assert.Equal(read, rule == DataRule.None);
            blob[0] &= 0x3f; // masked in the first element
            bool plain = blob[1] == 0 && PlainChannel.BlobData(blob) is { } taken && BlobCodec.TryEncode(taken, again) && blob.AsSpan().SequenceEqual(again);
            Assert.True(read == plain, $"seed {seed}, round {round}: {rule}");
            if (read) Assert.Equal(PlainChannel.BlobData(blob), data);
            seen[read ? 1 : 0]++;
        }

        Assert.All(seen, static count => Assert.True(count > 100));
        Assert.False(BlobCodec.TryDecode(new byte[10], out _, out DataRule size));
        Assert.Equal(DataRule.BlobWrongSize, size);
    }

    [Fact]
    public void L1_attributes_are_read_where_they_encode_to_the_same_bytes()
    {
        int seed = Soak.Seed(208);
        var random = new Random(seed);
        var seen = new int[2];
        byte[][] seeds = [.. Enum.GetValues<L1BlockInfoFormat>().Select(static format => new L1BlockInfo { Format = format, Number = 5, Timestamp = 6, BatcherAddress = TestNet.Batcher, BlockHash = Keccak256.Hash([1]) }.Encode())];
        for (int round = 0, count = Soak.Count(40_000); round < count; round++)
        {
            byte[] input = seeds[random.Next(seeds.Length)];
            if (random.Next(3) == 0) input = Mutation.Of(random, input);
            else for (int i = random.Next(1, 3); i > 0; i--) (input = [.. input])[random.Next(input.Length)] ^= (byte)(1 << random.Next(8));
            bool read = L1BlockInfo.TryParse(input, out L1BlockInfo? info);

            // the form by the selector, its size, and zeros where words hold less than 32 bytes
            bool plain = input.Length >= 4 && BinaryPrimitives.ReadUInt32BigEndian(input) switch
            {
                0x015d8eb9 => input.Length == 260 && Zero(input, 4, 24) && Zero(input, 36, 24) && Zero(input, 132, 24) && Zero(input, 164, 12),
                0x440a5e20 => input.Length == 164 && Zero(input, 132, 12),
                0x098999be => input.Length == 176 && Zero(input, 132, 12),
                0x3db6be2b => input.Length == 178 && Zero(input, 132, 12),
                _ => false,
            };
            Assert.True(read == plain, $"seed {seed}, round {round}: {read}: {Hex.Encode(input)}");
            if (read) Assert.Equal(input, info!.Encode());
            seen[read ? 1 : 0]++;
        }

        Assert.All(seen, static count => Assert.True(count > 100));
    }

    private static bool Zero(byte[] data, int at, int count) => !data.AsSpan(at, count).ContainsAnyExcept((byte)0);

    private static Hash256[] Topics(Random random, Hash256[] topics)
    {
        Hash256[] changed = [.. topics];
        if (random.Next(4) == 0) changed = changed[..random.Next(changed.Length + 1)];
        if (random.Next(8) == 0) changed = [.. changed, default];
        if (changed.Length > 0 && random.Next(3) == 0)
        {
            int index = random.Next(changed.Length);
            byte[] bytes = changed[index].ToArray();
            bytes[random.Next(2) == 0 ? 31 : random.Next(32)] ^= (byte)(1 << random.Next(8));
            changed[index] = new Hash256(bytes);
        }

        return changed;
    }

    [Fact]
    public void Config_updates_change_the_config_only_when_every_byte_is_right()
    {
        int seed = Soak.Seed(209);
        var random = new Random(seed);
        var seen = new int[2];
        var config = new SystemConfig { GasLimit = 77, Scalar = new EcotoneScalar(1, 2).Encode() };
        for (int round = 0, count = Soak.Count(40_000); round < count; round++)
        {
            ulong type = (ulong)random.Next(9);
            UInt256 word = random.Next(3) switch { 0 => (ulong)random.NextInt64(), 1 => UInt256.FromBigEndian(Mutation.Noise(random, 32)), _ => new EcotoneScalar(5, 6).Encode() };
            LogEntry log = CaseNet.Update(FuzzSeeds.Net, type, type == 1 ? [UInt256.Zero, word] : [word]);
            log = new LogEntry(log.Address, Topics(random, log.Topics), random.Next(2) == 0 ? log.Data : Mutation.Of(random, log.Data));
            bool ecotone = random.Next(2) == 0;
            SystemConfigUpdateError error = SystemConfigUpdates.Apply(config, log, ecotone, out SystemConfig updated);
            bool plain = PlainChannel.IsUpdate(log, ecotone);
            Assert.True(plain == (error == SystemConfigUpdateError.None), $"seed {seed}, round {round}: {error}: type {type}, {Hex.Encode(log.Data)}");
            if (!plain) Assert.Same(config, updated);
            SystemConfigUpdates.TryReadUnsafeBlockSigner(log, out _);
            seen[plain ? 1 : 0]++;
        }

        Assert.All(seen, static count => Assert.True(count > 100));
    }

    [Fact]
    public void Deposits_are_read_where_the_log_is_one_that_the_portal_can_emit()
    {
        int seed = Soak.Seed(210);
        var random = new Random(seed);
        var seen = new int[2];
        for (int round = 0, count = Soak.Count(40_000); round < count; round++)
        {
            var deposit = new Transaction
            {
                Type = TransactionType.Deposit, From = TestNet.Batcher, To = random.Next(3) == 0 ? null : TestNet.Batcher, Value = (ulong)random.Next(), GasLimit = 9,
                Mint = random.Next(2) == 0 ? null : 5, Data = Mutation.Noise(random, random.Next(80)),
            };
            LogEntry log = DepositEvents.Encode(Config.DepositContractAddress, deposit);
            log = new LogEntry(log.Address, Topics(random, log.Topics), random.Next(2) == 0 ? log.Data : Mutation.Of(random, log.Data));
            bool read = DepositEvents.TryDecode(log, Keccak256.Hash([1]), 3, out Transaction? found, out DepositError error);
            bool plain = PlainChannel.IsDeposit(log);
            Assert.True(plain == read, $"seed {seed}, round {round}: {error}: {Hex.Encode(log.Data)}");
            Assert.Equal(read, error == DepositError.None);
            if (read)
            {
                byte[] opaque = log.Data[64..(64 + (int)UInt256.FromBigEndian(log.Data.AsSpan(32, 32)).U0)];
                Assert.Equal(UInt256.FromBigEndian(opaque.AsSpan(0, 32)), found!.Mint ?? UInt256.Zero);
                Assert.Equal(UInt256.FromBigEndian(opaque.AsSpan(32, 32)), found.Value);
                Assert.Equal(opaque[73..], found.Data.ToArray());
                Assert.Equal(opaque[72] != 0, found.To is null);
                Assert.True(Transaction.TryDecode(found.Encoded, out Transaction? again, out _));
                Assert.Equal(found.Hash, again!.Hash);
            }

            seen[read ? 1 : 0]++;
        }

        Assert.All(seen, static count => Assert.True(count > 100));
    }
}
