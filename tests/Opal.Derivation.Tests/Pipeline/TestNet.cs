using System.Buffers.Binary;
using System.IO.Compression;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation.Tests;

/// <summary>Everything in one place: an L1, a sequencer's chain, a verifier that derives, and ways to post batches.</summary>
public sealed class TestNet
{
    public static readonly Address Batcher = Address.Parse("0x00000000000000000000000000000000000ba7c4");
    private readonly Random _random;
    private ulong _channels;

    public TestNet(OptimismFork fork, Func<RollupConfig, RollupConfig>? change = null, int seed = 1, NetworkUpgrades? upgrades = null)
        : this(OptimismForkTimes.AllActiveAtGenesis(fork), change, seed, upgrades)
    {
    }

    public TestNet(OptimismForkTimes forks, Func<RollupConfig, RollupConfig>? change = null, int seed = 1, NetworkUpgrades? upgrades = null)
    {
        _random = new Random(seed);
        L1 = new FakeL1(GenesisTime);
        var genesis = new Block { Header = new BlockHeader { Number = 0, Timestamp = GenesisTime, GasLimit = 30_000_000, BaseFeePerGas = 1 } };
        RollupConfig config = new()
        {
            GenesisL1 = new BlockId(L1.Head.Hash, 0),
            GenesisL2 = new BlockId(genesis.Hash, 0),
            GenesisL2Time = GenesisTime,
            BlockTimeSeconds = 2,
            MaxSequencerDriftSeconds = 600,
            SequencingWindowSize = 10,
            ChannelTimeoutBlocks = 20,
            L1ChainId = FakeL1.ChainId,
            L2ChainId = 901,
            Forks = forks,
            BatchInboxAddress = Address.Parse("0xff00000000000000000000000000000000000901"),
            DepositContractAddress = Address.Parse("0x00000000000000000000000000000000000de905"),
            L1SystemConfigAddress = Address.Parse("0x000000000000000000000000000000000005c0f6"),
            GenesisSystemConfig = new SystemConfig { BatcherAddress = Batcher, Scalar = new EcotoneScalar(1000, 2000).Encode(), GasLimit = 30_000_000 },
        };
        Config = change is null ? config : change(config);
        Builder = new AttributesBuilder(Config, new BlobSchedule(new BlobSchedule.Entry(0, BlobParameters.Cancun)), upgrades ?? NetworkUpgrades.None);
        Sequencer = new FakeEngine(Config, Builder, genesis);
        Verifier = new FakeEngine(Config, Builder, genesis);
        Observer = new RecordingObserver();
        Pipeline = new DerivationPipeline(Config, Crypto.NativeCrypto.Instance, Builder, Observer);
        Pipeline.Reset(Verifier.HeadRef, Config.GenesisSystemConfig, L1.Head.Ref);
    }

    public const ulong GenesisTime = 1_000_000;

    public RollupConfig Config { get; }

    public AttributesBuilder Builder { get; }

    public FakeL1 L1 { get; }

    public FakeEngine Sequencer { get; }

    public FakeEngine Verifier { get; }

    public RecordingObserver Observer { get; }

    public DerivationPipeline Pipeline { get; private set; }

    /// <summary>Blocks that the verifier's engine refuses while they have sequenced transactions.</summary>
    public HashSet<ulong> Refused { get; } = [];

    public ulong Safe => Pipeline.SafeHead.Number;

    /// <summary>How often a block of the safe chain was asked for by its height.</summary>
    public int LookUps { get; private set; }

    /// <summary>The attributes that the pipeline gave out, in order.</summary>
    public List<DerivedAttributes> Given { get; } = [];

    // ---- sequencing ----

    public Transaction RandomTransaction(TransactionType? wanted = null)
    {
        TransactionType type = wanted ?? _random.Next(4) switch { 0 => TransactionType.Legacy, 1 => TransactionType.AccessList, _ => TransactionType.DynamicFee };
        var data = new byte[_random.Next(3) == 0 ? 0 : _random.Next(1, 200)];
        _random.NextBytes(data);
        bool creates = type != TransactionType.SetCode && _random.Next(5) == 0;
        return new Transaction
        {
            Type = type,
            ChainId = type == TransactionType.Legacy && _random.Next(3) == 0 ? null : Config.L2ChainId,
            Nonce = (ulong)_random.NextInt64(0, _random.Next(2) == 0 ? 100 : long.MaxValue),
            MaxFeePerGas = (ulong)_random.NextInt64(1_000_000_000),
            MaxPriorityFeePerGas = type is TransactionType.Legacy or TransactionType.AccessList ? default : (ulong)_random.NextInt64(1_000),
            GasLimit = (ulong)_random.NextInt64(21_000, 10_000_000),
            To = creates ? null : RandomAddress(),
            Value = _random.Next(2) == 0 ? UInt256.Zero : (ulong)_random.NextInt64(),
            Data = data,
            AccessList = type == TransactionType.Legacy || _random.Next(2) == 0 ? [] : [new AccessListItem(RandomAddress(), [RandomHash(), RandomHash()])],
            AuthorizationList = type == TransactionType.SetCode ? [new Authorization(Config.L2ChainId, RandomAddress(), 3, 1, 77, 88)] : [],
            YParity = (byte)_random.Next(2),
            R = RandomHash().ToUInt256(),
            S = RandomHash().ToUInt256(),
        };
    }

    private Address RandomAddress()
    {
        var bytes = new byte[20];
        _random.NextBytes(bytes);
        return new Address(bytes);
    }

    private Hash256 RandomHash()
    {
        var bytes = new byte[32];
        _random.NextBytes(bytes);
        return new Hash256(bytes);
    }

    /// <summary>Builds a sequencer block: adopts the next L1 block as soon as its time allows, unless told to stay.</summary>
    public Block Sequence(int transactions = 0, bool stay = false, IReadOnlyList<Transaction>? exactly = null)
    {
        L2BlockRef parent = Sequencer.HeadRef;
        ulong time = parent.Timestamp + Config.BlockTimeSeconds;
        int number = (int)parent.L1Origin.Number;
        if (!stay && number + 1 < L1.Chain.Count && L1.Chain[number + 1].Block.Header.Timestamp <= time) number++;
        FakeL1.Entry origin = L1.Chain[number];
        AttributesResult result = Builder.Build(parent, Sequencer.ConfigOf(Sequencer.Head), origin.Block, origin.Receipts);
        Assert.Equal(AttributesFault.None, result.Fault);
        var all = new List<byte[]>(result.Attributes!.Transactions);
        if (exactly is not null) foreach (Transaction transaction in exactly) all.Add(transaction.Encoded);
        else for (int i = 0; i < transactions; i++) all.Add(RandomTransaction().Encoded);
        PayloadAttributes attributes = With(result.Attributes, all);
        Block block = Sequencer.Make(parent, attributes);
        Sequencer.Chain.Add(block);
        return block;
    }

    /// <summary>Sequences until the next block would be later than the L1 head.</summary>
    public void SequenceToL1Head(int maxTransactions = 3)
    {
        while (Sequencer.Head.Header.Timestamp + Config.BlockTimeSeconds <= L1.Head.Header.Timestamp) Sequence(_random.Next(maxTransactions + 1));
    }

    private static PayloadAttributes With(PayloadAttributes attributes, List<byte[]> transactions) => new()
    {
        Timestamp = attributes.Timestamp,
        PrevRandao = attributes.PrevRandao,
        SuggestedFeeRecipient = attributes.SuggestedFeeRecipient,
        Withdrawals = attributes.Withdrawals,
        ParentBeaconBlockRoot = attributes.ParentBeaconBlockRoot,
        Transactions = transactions,
        NoTxPool = true,
        GasLimit = attributes.GasLimit,
        Eip1559Params = attributes.Eip1559Params,
        MinBaseFee = attributes.MinBaseFee,
    };

    // ---- batching ----

    public SingularBatch BatchOf(Block block)
    {
        L2BlockRef reference = Sequencer.RefOf(block);
        var transactions = new List<byte[]>();
        foreach (Transaction transaction in block.Transactions)
        {
            if (!transaction.IsDeposit) transactions.Add(transaction.Encoded);
        }

        return new SingularBatch
        {
            ParentHash = reference.ParentHash,
            EpochNumber = reference.L1Origin.Number,
            EpochHash = reference.L1Origin.Hash,
            Timestamp = reference.Timestamp,
            Transactions = transactions,
        };
    }

    public byte[] SpanOf(params ulong[] numbers)
    {
        var builder = new SpanBatchBuilder(Config);
        foreach (ulong number in numbers)
        {
            Block block = Sequencer.Chain[(int)number];
            Assert.Equal(SpanBuildError.None, builder.TryAdd(BatchOf(block), Sequencer.RefOf(block).SequenceNumber));
        }

        return builder.Encode();
    }

    public byte[] SingularOf(ulong number) => BatchOf(Sequencer.Chain[(int)number]).Encode();

    public static ulong[] Range(ulong first, ulong last)
    {
        var numbers = new ulong[last - first + 1];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = first + (ulong)i;
        return numbers;
    }

    /// <summary>A channel of encoded batches, compressed.</summary>
    public static byte[] Compress(bool brotli, params byte[][] batches)
    {
        var writer = new RlpWriter();
        foreach (byte[] batch in batches) writer.WriteBytes(batch);
        byte[] content = writer.ToArray();
        return brotli ? [1, .. DifferentialTests.Brotli(content, 5, 22)] : DifferentialTests.Zlib(content, CompressionLevel.Optimal);
    }

    public ChannelId NewChannel()
    {
        var id = new byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(id.AsSpan(8), ++_channels);
        return new ChannelId(id);
    }

    /// <summary>Cuts a channel into frames.</summary>
    public Frame[] Cut(byte[] data, int frames, ChannelId? id = null)
    {
        ChannelId channel = id ?? NewChannel();
        var cut = new Frame[frames];
        int size = (data.Length + frames - 1) / frames;
        for (int i = 0; i < frames; i++)
        {
            int start = Math.Min(i * size, data.Length);
            cut[i] = new Frame(channel, (ushort)i, data.AsMemory(start, Math.Min(size, data.Length - start)), i == frames - 1);
        }

        return cut;
    }

    public Transaction Post(params Frame[] frames) => FakeL1.Calldata(Config, Batcher, FrameCodec.Encode(frames));

    /// <summary>One channel with batches, in one transaction of one new L1 block.</summary>
    public void Submit(params byte[][] batches) => L1.Mine([Post(Cut(Compress(false, batches), 1))]);

    // ---- deriving ----

    /// <summary>Steps until the pipeline idles at the L1 tip, or ends.</summary>
    public DerivationStep Derive(int maxSteps = 100_000)
    {
        for (int i = 0; i < maxSteps; i++)
        {
            DerivationStep step = Pipeline.Step();
            switch (step)
            {
                case NeedL1Block need:
                    if (need.Number < (ulong)L1.Chain.Count) Assert.True(Pipeline.Provide(L1.Chain[(int)need.Number].Block));
                    else Pipeline.ProvideMissing();
                    break;
                case NeedL1Receipts need:
                    FakeL1.Entry? entry = L1.Chain.Find(candidate => candidate.Block.Hash == need.Block.Hash);
                    if (entry is null) Pipeline.ProvideMissing();
                    else Assert.True(Pipeline.Provide(entry.Receipts));
                    break;
                case NeedBlobs need:
                    var blobs = new List<ReadOnlyMemory<byte>>();
                    foreach (Hash256 hash in need.VersionedHashes) blobs.Add(L1.Blobs[hash]);
                    Assert.True(Pipeline.Provide(new L1Blobs(need.Block.Hash, blobs)));
                    break;
                case NeedL2Block need:
                    LookUps++;
                    Assert.True(Pipeline.Provide(Verifier.Chain[(int)need.Number]));
                    break;
                case NeedL2BlockByHash need:
                    if (Verifier.Chain.Find(candidate => candidate.Hash == need.Hash) is { } block) Assert.True(Pipeline.Provide(block));
                    else Pipeline.ProvideMissing();
                    break;
                case PreparedAttributes prepared:
                    Apply(prepared.Attributes);
                    break;
                default:
                    return step;
            }
        }

        throw new InvalidOperationException("derivation does not come to rest");
    }

    private void Apply(DerivedAttributes attributes)
    {
        Given.Add(attributes);
        if (Refused.Contains(attributes.BlockNumber) && attributes.Attributes.Transactions.Any(static transaction => transaction[0] != 0x7e))
        {
            Pipeline.AttributesRejected();
            Verifier.TruncateTo(Pipeline.PendingSafeHead);
            return;
        }

        Block block = Verifier.Make(attributes.Parent, attributes.Attributes);
        Verifier.TruncateTo(attributes.Parent);
        Verifier.Chain.Add(block);
        Pipeline.AttributesAccepted(Verifier.RefOf(block));
    }

    /// <summary>A new pipeline goes on from a snapshot, on the verifier's chain as it was then.</summary>
    public void Resume(DerivationSnapshot snapshot)
    {
        Verifier.TruncateTo(snapshot.Safe);
        Pipeline = new DerivationPipeline(Config, Crypto.NativeCrypto.Instance, Builder, Observer);
        Pipeline.Restore(snapshot);
    }

    /// <summary>Walks back and starts over, as a node does when a reset is needed.</summary>
    public ResetFound WalkBack(L2BlockRef? finalized = null)
    {
        L2BlockRef genesis = Verifier.RefOf(Verifier.Chain[0]);
        var walk = new ResetWalk(Config, Builder, Verifier.HeadRef, Pipeline.SafeHead, finalized, genesis);
        while (true)
        {
            switch (walk.Step())
            {
                case NeedL2BlockByHash need:
                    Assert.True(walk.Provide(Verifier.Chain.Find(candidate => candidate.Hash == need.Hash)!));
                    break;
                case NeedL1Ref need:
                    if (need.Number < (ulong)L1.Chain.Count) Assert.True(walk.Provide(L1.Chain[(int)need.Number].Block.Ref));
                    else walk.ProvideMissing();
                    break;
                case ResetFound found:
                    Verifier.TruncateTo(found.Unsafe);
                    Pipeline.Reset(found.Safe, found.StartConfig, found.Start);
                    return found;
                case { } other:
                    throw new InvalidOperationException(other.ToString());
            }
        }
    }

    /// <summary>Derives; on a reset walks back and derives on.</summary>
    public void Sync()
    {
        DerivationStep step = Derive();
        for (int i = 0; i < 10 && step is not Idle; i++)
        {
            Assert.True(step is ResetNeeded, step.ToString());
            WalkBack();
            step = Derive();
        }

        Assert.True(step is Idle, step.ToString());
    }

    /// <summary>The verifier's safe chain is the sequencer's up to a block.</summary>
    public void AssertSafeIsSequenced(ulong number)
    {
        Assert.Equal(number, Safe);
        Assert.Equal(Sequencer.Chain[(int)number].Hash, Pipeline.SafeHead.Hash);
    }
}
