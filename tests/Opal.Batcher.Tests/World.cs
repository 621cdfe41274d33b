using System.IO.Compression;
using Opal.Crypto;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Batcher.Tests;

/// <summary>A sequencer's chain, a rollup node and an L1 in memory: what the batcher posts is decoded again and moves the safe head.</summary>
internal sealed class World : IL1Submitter
{
    public static readonly RollupConfig Rollup = new()
    {
        GenesisL1 = new BlockId(HashOf(1, 0), 0), GenesisL2 = new BlockId(HashOf(2, 0), 0), GenesisL2Time = 1_000_000, BlockTimeSeconds = 2, L1ChainId = 900, L2ChainId = 901,
        Forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Granite), BatchInboxAddress = Address.FromNumber(0xff),
    };

    private readonly Lock _gate = new();
    private readonly List<Block> _chain = [];
    private readonly Dictionary<ChannelId, SortedDictionary<ushort, Frame>> _channels = [];
    private readonly List<(ulong L1Block, List<byte[]> Carriers)> _onL1 = [];

    public World()
    {
        L2 = new EthClient(new InProcessRpcClient(new RpcRegistry()
            .Register("eth_getBlockByNumber", parameters => Find(parameters.GetBlock(0).Number) is { } block
                ? RpcResult.Json(w => EthJson.WriteBlock(w, block, true, NativeCrypto.Instance)) : RpcResult.Null)
            .Register("miner_setMaxDASize", parameters =>
            {
                lock (_gate) Limits.Add((parameters.GetQuantity(0), parameters.GetQuantity(1)));
                return RpcResult.True;
            }), "l2"));
        Node = new RollupNodeClient(new InProcessRpcClient(new RpcRegistry()
            .Register("optimism_syncStatus", _ => IsNodeDown ? RpcResult.Fail(-32000, "node is down") : RpcResult.Json(w => RollupJson.WriteSyncStatus(w, Status()))), "node"));
    }

    public EthClient L2 { get; }

    public RollupNodeClient Node { get; }

    public bool IsNodeDown { get; set; }

    /// <summary>Whether the node has just begun, and knows no heads.</summary>
    public bool IsNodeNew { get; set; }

    public ulong L1Head { get; set; } = 100;

    /// <summary>The L1 block the node has derived up to; null follows the head.</summary>
    public ulong? CurrentL1 { get; set; }

    public ulong Safe { get; private set; }

    /// <summary>The unsafe head that the node says, where it has not all blocks.</summary>
    public ulong? Shown { get; set; }

    public int FailuresLeft { get; set; }

    /// <summary>Submissions that are confirmed and then have no effect, as after an L1 reorg.</summary>
    public int LossesLeft { get; set; }

    public List<(ulong Transaction, ulong Block)> Limits { get; } = [];

    public List<(int Carriers, bool AsBlobs)> Submissions { get; } = [];

    public List<string> Problems { get; } = [];

    public ulong Unsafe
    {
        get
        {
            lock (_gate) return (ulong)_chain.Count;
        }
    }

    private static Hash256 HashOf(ulong kind, ulong number) => Hash256.FromUInt256(new UInt256(number, kind, 7, 7));

    private Block? Find(ulong number)
    {
        lock (_gate) return number >= 1 && number <= (ulong)_chain.Count ? _chain[(int)number - 1] : null;
    }

    /// <summary>Builds blocks on the unsafe head.</summary>
    /// <param name="count">How many.</param>
    /// <param name="bytes">Random calldata a block.</param>
    /// <param name="salt">Makes blocks of one height differ.</param>
    public void Build(int count, int bytes = 50, byte salt = 0)
    {
        lock (_gate)
        {
            for (int i = 0; i < count; i++)
            {
                ulong number = (ulong)_chain.Count + 1;
                ulong time = Rollup.GenesisL2Time + (2 * number);
                ulong origin = number / 6;
                var info = new L1BlockInfo { Format = L1BlockInfo.FormatAt(Rollup, new L2Time(time)), Number = origin, BlockHash = HashOf(1, origin), SequenceNumber = number % 6, Timestamp = time };
                var data = new byte[bytes];
                new Random((int)number).NextBytes(data);
                var transaction = new Transaction
                {
                    Type = TransactionType.DynamicFee, ChainId = 901, Nonce = number, MaxFeePerGas = 1, MaxPriorityFeePerGas = 1, GasLimit = 21_000, To = Address.FromNumber(number), Data = data,
                    R = number + 1, S = 5,
                };
                Transaction[] transactions = [info.ToDepositTransaction(isRegolith: true), transaction];
                _chain.Add(new Block
                {
                    Header = new BlockHeader
                    {
                        ParentHash = _chain.Count == 0 ? Rollup.GenesisL2.Hash : _chain[^1].Hash, Number = number, Timestamp = time, ExtraData = [salt], BaseFeePerGas = 1, GasLimit = 30_000_000,
                        TransactionsRoot = BodyRoots.OfTransactions(transactions),
                    },
                    Transactions = transactions,
                });
            }
        }
    }

    /// <summary>Replaces the unsafe blocks above a height.</summary>
    public void ReorgL2(ulong keep, int build, byte salt)
    {
        lock (_gate)
        {
            while ((ulong)_chain.Count > keep) _chain.RemoveAt(_chain.Count - 1);
            Build(build, salt: salt);
        }
    }

    private L2BlockRef Ref(ulong number)
    {
        if (number == 0) return new L2BlockRef(Rollup.GenesisL2.Hash, 0, default, Rollup.GenesisL2Time, Rollup.GenesisL1, 0);
        BlockHeader header = _chain[(int)number - 1].Header;
        return new L2BlockRef(header.Hash, number, header.ParentHash, header.Timestamp, new BlockId(HashOf(1, number / 6), number / 6), number % 6);
    }

    private SyncStatus Status()
    {
        lock (_gate)
        {
            if (IsNodeNew) return new SyncStatus();
            ulong current = CurrentL1 ?? L1Head;
            return new SyncStatus
            {
                CurrentL1 = new L1BlockRef(HashOf(1, current), current, HashOf(1, current - 1), current * 12), HeadL1 = IsNodeNew ? default : new L1BlockRef(HashOf(1, L1Head), L1Head, HashOf(1, L1Head - 1), L1Head * 12),
                UnsafeL2 = Ref(Shown ?? (ulong)_chain.Count), SafeL2 = Ref(Safe), FinalizedL2 = Ref(0),
            };
        }
    }

    public async Task<BlockId> SubmitAsync(IReadOnlyList<byte[]> carriers, bool asBlobs, ITxRecorder? recorder, TxResume? resume, CancellationToken cancellation)
    {
        await Task.Delay(1, cancellation);
        lock (_gate)
        {
            if (FailuresLeft > 0)
            {
                FailuresLeft--;
                throw new BatchSubmissionException("L1 does not take it");
            }

            Submissions.Add((carriers.Count, asBlobs));
            ulong block = ++L1Head;
            if (LossesLeft > 0) LossesLeft--;
            else _onL1.Add((block, [.. carriers]));
            return new BlockId(HashOf(1, block), block);
        }
    }

    /// <summary>The node says another safe head.</summary>
    public void SetSafe(ulong number)
    {
        lock (_gate) Safe = number;
    }

    /// <summary>One more L1 block, and derivation of all that is on L1.</summary>
    public void Derive()
    {
        lock (_gate)
        {
            L1Head++;
            foreach ((_, List<byte[]> carriers) in _onL1)
            {
                foreach (byte[] carrier in carriers) Take(carrier);
            }

            _onL1.Clear();
        }
    }

    private void Take(byte[] carrier)
    {
        var frames = new List<Frame>();
        if (!FrameCodec.TryParseAll(carrier, frames, out DataRule rule))
        {
            Problems.Add($"frames do not parse: {rule}");
            return;
        }

        foreach (Frame frame in frames)
        {
            if (!_channels.TryGetValue(frame.Channel, out SortedDictionary<ushort, Frame>? channel)) _channels[frame.Channel] = channel = [];
            channel[frame.Number] = frame;
            if (!channel.Values.Last().IsLast || channel.Values.Last().Number + 1 != channel.Count) continue;
            _channels.Remove(frame.Channel);
            foreach ((ulong timestamp, int transactions) in Batches([.. channel.Values.SelectMany(f => f.Data.ToArray())])) Apply(timestamp, transactions);
        }
    }

    private IEnumerable<(ulong Timestamp, int Transactions)> Batches(byte[] data)
    {
        using var packed = new MemoryStream(data[0] == 1 ? data[1..] : data);
        using Stream unpacking = data[0] == 1 ? new BrotliStream(packed, CompressionMode.Decompress) : new ZLibStream(packed, CompressionMode.Decompress);
        using var plain = new MemoryStream();
        unpacking.CopyTo(plain);
        byte[] stream = plain.ToArray();
        int at = 0;
        while (at < stream.Length)
        {
            byte[] batch = Next(stream, ref at);
            if (batch[0] == SingularBatch.Version)
            {
                Assert.True(SingularBatch.TryDecode(batch.AsSpan(1), out SingularBatch? singular));
                yield return (singular!.Timestamp, singular.Transactions.Count);
                continue;
            }

            Assert.Equal(SpanBatch.Version, batch[0]);
            Assert.Equal(SpanDecodeResult.Decoded, SpanBatchDecoder.Decode(batch.AsSpan(1), Rollup, out SpanBatch? span));
            for (int i = 0; i < span!.BlockCount; i++) yield return (span.TimestampOf(i), span.TransactionsOf(i).Length);
        }
    }

    private static byte[] Next(byte[] stream, ref int at)
    {
        var reader = new RlpReader(stream.AsSpan(at));
        Assert.True(reader.TryReadBytes(out ReadOnlySpan<byte> item));
        at = stream.Length - reader.Rest.Length;
        return item.ToArray();
    }

    private void Apply(ulong timestamp, int transactions)
    {
        ulong number = (timestamp - Rollup.GenesisL2Time) / 2;
        if (transactions != 1) Problems.Add($"block {number} has {transactions} transactions");
        if (number == Safe + 1 && number <= (ulong)_chain.Count) Safe = number;
    }
}
