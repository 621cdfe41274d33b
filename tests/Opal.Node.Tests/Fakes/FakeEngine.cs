using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Trie;

namespace Opal.Node.Tests;

/// <summary>
/// An engine without execution: it keeps a tree of blocks, builds from attributes with made-up state roots, and obeys the Engine API's rules for heads.
/// A transaction with a gas limit of <see cref="PoisonGas"/> makes its block invalid. Faults are injected before the real answer.
/// </summary>
public sealed class FakeEngine : IEngine
{
    public const ulong PoisonGas = 666;

    private readonly Dictionary<Hash256, Block> _blocks = [];
    private readonly Dictionary<ulong, PayloadEnvelope> _jobs = [];
    private readonly RollupConfig _config;
    private ulong _nextJob = 1;

    public FakeEngine(Block genesis, RollupConfig config)
    {
        _config = config;
        _blocks[genesis.Hash] = genesis;
        Head = Safe = Finalized = genesis.Hash;
    }

    public Hash256 Head { get; private set; }

    public Hash256 Safe { get; private set; }

    public Hash256 Finalized { get; private set; }

    /// <summary>Transactions that building without noTxPool adds.</summary>
    public List<byte[]> Pool { get; } = [];

    /// <summary>The answer to give instead of the real one, or null: asked with the method's name.</summary>
    public Func<string, EngineVerdict?>? Fault { get; set; }

    /// <summary>Calls by method.</summary>
    public List<string> Calls { get; } = [];

    public Block HeadBlock => _blocks[Head];

    public Task<ForkchoiceAnswer> ForkchoiceUpdatedAsync(ForkchoiceState state, PayloadAttributes? attributes, CancellationToken cancellation)
    {
        string method = attributes is null ? "forkchoice" : "build";
        Calls.Add(method);
        if (Fault?.Invoke(method) is { } fault) return Task.FromResult(new ForkchoiceAnswer(fault, null, "injected"));
        if (!_blocks.TryGetValue(state.Head, out Block? head)) return Task.FromResult(new ForkchoiceAnswer(EngineVerdict.Syncing));
        if (!IsAncestor(state.Safe, head) || !IsAncestor(state.Finalized, head)) return Task.FromResult(new ForkchoiceAnswer(EngineVerdict.InvalidForkchoiceState));
        (Head, Safe, Finalized) = (state.Head, state.Safe, state.Finalized);
        if (attributes is null) return Task.FromResult(new ForkchoiceAnswer(EngineVerdict.Valid));
        if (attributes.Timestamp <= head.Header.Timestamp) return Task.FromResult(new ForkchoiceAnswer(EngineVerdict.InvalidAttributes));
        var transactions = new List<byte[]>(attributes.Transactions);
        if (!attributes.NoTxPool)
        {
            transactions.AddRange(Pool);
            Pool.Clear();
        }

        if (!TryBuild(head, attributes, transactions, out Block? block)) return Task.FromResult(new ForkchoiceAnswer(EngineVerdict.Invalid, null, "poison"));
        ulong id = _nextJob++;
        _jobs[id] = PayloadEnvelopes.FromBlock(block!, _config);
        return Task.FromResult(new ForkchoiceAnswer(EngineVerdict.Valid, new PayloadId(id)));
    }

    public Task<PayloadAnswer> GetPayloadAsync(PayloadId payload, ulong timestampSeconds, CancellationToken cancellation)
    {
        Calls.Add("getPayload");
        if (Fault?.Invoke("getPayload") is { } fault) return Task.FromResult(new PayloadAnswer(fault, null, "injected"));
        return Task.FromResult(_jobs.TryGetValue(payload.Value, out PayloadEnvelope? built)
            ? new PayloadAnswer(EngineVerdict.Valid, built)
            : new PayloadAnswer(EngineVerdict.UnknownPayload));
    }

    public Task<ImportAnswer> NewPayloadAsync(PayloadEnvelope payload, CancellationToken cancellation)
    {
        Calls.Add("newPayload");
        if (Fault?.Invoke("newPayload") is { } fault) return Task.FromResult(new ImportAnswer(fault, "injected"));
        if (!payload.TryGetBlock(_config, out Block? block, out _)) return Task.FromResult(new ImportAnswer(EngineVerdict.Invalid));
        if (!_blocks.ContainsKey(payload.Payload.ParentHash)) return Task.FromResult(new ImportAnswer(EngineVerdict.Syncing));
        if (IsPoisoned(block!)) return Task.FromResult(new ImportAnswer(EngineVerdict.Invalid, "poison"));
        _blocks[block!.Hash] = block;
        return Task.FromResult(new ImportAnswer(EngineVerdict.Valid));
    }

    public Task<Block?> BlockByLabelAsync(L2Label label, CancellationToken cancellation) => Read(() => _blocks.GetValueOrDefault(label switch
    {
        L2Label.Unsafe => Head,
        L2Label.Safe => Safe,
        _ => Finalized,
    }));

    public Task<Block?> BlockByNumberAsync(ulong number, CancellationToken cancellation) => Read(() =>
    {
        Block? at = HeadBlock;
        while (at is not null && at.Number > number) at = _blocks.GetValueOrDefault(at.Header.ParentHash);
        return at?.Number == number ? at : null;
    });

    public Task<Block?> BlockByHashAsync(Hash256 hash, CancellationToken cancellation) => Read(() => _blocks.GetValueOrDefault(hash));

    public Task<Hash256?> WithdrawalStorageRootAsync(BlockHeader header, CancellationToken cancellation) => Task.FromResult<Hash256?>(Hash256.EmptyTrie);

    /// <summary>Loses every block above a height, as a restart from an older state does.</summary>
    public void Lose(ulong above)
    {
        Block head = HeadBlock;
        while (head.Number > above) head = _blocks[head.Header.ParentHash];
        foreach (Block lost in _blocks.Values.Where(block => block.Number > above).ToArray()) _blocks.Remove(lost.Hash);
        Head = head.Hash;
        if (!_blocks.ContainsKey(Safe)) Safe = Head;
        if (!_blocks.ContainsKey(Finalized)) Finalized = Head;
        _jobs.Clear();
    }

    private Task<Block?> Read(Func<Block?> read)
    {
        Calls.Add("read");
        return Fault?.Invoke("read") is null ? Task.FromResult(read()) : Task.FromException<Block?>(new SourceException("the engine does not answer"));
    }

    private bool IsAncestor(Hash256 hash, Block of)
    {
        for (Block? at = of; at is not null; at = _blocks.GetValueOrDefault(at.Header.ParentHash))
        {
            if (at.Hash == hash) return true;
        }

        return false;
    }

    private static bool IsPoisoned(Block block) => block.Transactions.Any(transaction => !transaction.IsDeposit && transaction.GasLimit == PoisonGas);

    private bool TryBuild(Block parent, PayloadAttributes attributes, List<byte[]> encoded, out Block? block)
    {
        block = null;
        var transactions = new Transaction[encoded.Count];
        for (int i = 0; i < transactions.Length; i++)
        {
            if (!Transaction.TryDecode(encoded[i], out Transaction? transaction, out _)) return false;
            transactions[i] = transaction!;
        }

        byte[] extra = [];
        if (attributes.Eip1559Params is { } parameters)
        {
            uint denominator = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(parameters);
            uint elasticity = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(parameters.AsSpan(4));
            if (denominator == 0) (denominator, elasticity) = (_config.FeeMarket.DenominatorCanyon, _config.FeeMarket.Elasticity);
            extra = new Eip1559ExtraData(denominator, elasticity, attributes.MinBaseFee).Encode();
        }

        Hash256 root = OrderedTrie.Root([.. encoded.Select(bytes => (ReadOnlyMemory<byte>)bytes)]);
        bool isthmus = _config.IsActive(OptimismFork.Isthmus, new L2Time(attributes.Timestamp));
        bool ecotone = attributes.ParentBeaconBlockRoot is not null;
        block = new Block
        {
            Header = new BlockHeader
            {
                ParentHash = parent.Hash,
                Number = parent.Number + 1,
                Timestamp = attributes.Timestamp,
                Beneficiary = attributes.SuggestedFeeRecipient,
                MixHash = attributes.PrevRandao,
                GasLimit = attributes.GasLimit ?? 0,
                ExtraData = extra,
                BaseFeePerGas = new UInt256(1),
                TransactionsRoot = root,
                ReceiptsRoot = Hash256.EmptyTrie,
                StateRoot = Keccak256.Hash([.. parent.Header.StateRoot.ToArray(), .. root.ToArray()]),
                WithdrawalsRoot = attributes.Withdrawals is null ? null : Hash256.EmptyTrie,
                ParentBeaconBlockRoot = attributes.ParentBeaconBlockRoot,
                BlobGasUsed = ecotone ? 0 : null,
                ExcessBlobGas = ecotone ? 0 : null,
                RequestsHash = isthmus ? new Hash256(System.Security.Cryptography.SHA256.HashData([])) : null,
            },
            Transactions = transactions,
            Withdrawals = attributes.Withdrawals is null ? null : [],
        };
        return !IsPoisoned(block);
    }
}
