using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;
using Opal.TxManager;

namespace Opal.Proposer.Tests;

/// <summary>An L1 with an output oracle and a dispute game factory, a pool and a rollup node, all in memory; the sender puts proposals into the pool and mines.</summary>
internal sealed class World : IProposalSender
{
    public static readonly Address Oracle = Address.FromNumber(0x1001), Factory = Address.FromNumber(0x1002), GameImplementation = Address.FromNumber(0x1003), Registry = Address.FromNumber(0x1004), Portal = Address.FromNumber(0x1005);
    public static readonly Address Stranger = Address.FromNumber(0x2001);
    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private static readonly LocalSigner Signer = new(Hash256.FromUInt256(7).ToArray());

    private readonly Stack<(ulong Nonce, Proposal Proposal, Hash256 Hash, bool Succeeded)> _mined = [];
    private bool _isFresh = true;

    private readonly Dictionary<Hash256, (Transaction Transaction, TxReceiptInfo? Receipt)> _transactions = [];

    public World()
    {
        L1 = new EthClient(new InProcessRpcClient(new RpcRegistry()
            .Register("eth_call", parameters => Call(parameters[0]["to"].AsAddress(), parameters[0]["input"].AsData()) is { } words
                ? RpcResult.Data([.. words.SelectMany(static word => word.ToBigEndianArray())]) : RpcResult.Fail(Revert.Code, Revert.Message))
            .Register("eth_chainId", _ => RpcResult.Quantity(L1ChainId))
            .Register("eth_blockNumber", _ => RpcResult.Quantity(L1Head))
            .Register("eth_getBalance", _ => RpcResult.Quantity(Balance))
            .Register("eth_getTransactionCount", parameters => RpcResult.Quantity(parameters.GetBlock(1).Kind == BlockParameterKind.Pending ? NextFreeNonce() : Nonce))
            .Register("eth_getBlockByNumber", parameters => parameters.GetBlock(0).Number > L1Head ? RpcResult.Null : RpcResult.Json(w => EthJson.WriteHeader(w, HeaderAt(parameters.GetBlock(0).Number))))
            .Register("eth_getTransactionByHash", parameters => _transactions.TryGetValue(parameters.GetHash(0), out var found)
                ? RpcResult.Json(w => EthJson.WriteTransaction(w, found.Transaction, NativeCrypto.Instance)) : RpcResult.Null)
            .Register("eth_getTransactionReceipt", parameters => _transactions.TryGetValue(parameters.GetHash(0), out var found) && found.Receipt is { } receipt
                ? RpcResult.Json(w => EthJson.WriteReceipt(w, receipt.Receipt, found.Transaction, NativeCrypto.Instance, new TransactionPlace(receipt.Block.Hash, receipt.Block.Number, 0, 0, null), 0)) : RpcResult.Null), "l1"), trusted: true);
        Node = MakeNode("node", 0);
    }

    public ManualTime Time { get; } = new(Start);

    public EthClient L1 { get; }

    public RollupNodeClient Node { get; set; }

    public ulong NextBlock { get; set; } = 20;

    public ulong Safe { get; set; } = 50;

    public ulong Finalized { get; set; } = 30;

    public ulong L1Head { get; set; } = 78;

    public ulong CurrentL1 { get; set; } = 77;

    public ulong L1ChainId { get; set; } = 900;

    /// <summary>Differs on each fork of L1.</summary>
    public ulong L1Fork { get; set; }

    public UInt256 Balance { get; set; } = 1_000_000_000_000_000_000UL;

    public UInt256 Bond { get; set; } = 80UL;

    public ulong Nonce { get; set; }

    /// <summary>What <c>proposer()</c> of the oracle, or of a permissioned game, answers; null for ourselves, zero for nobody's game.</summary>
    public Address? Allowed { get; set; }

    public bool HasImplementation { get; set; } = true;

    public ulong GameChainId { get; set; } = 901;

    /// <summary>What the factory keeps of a game type, as newer ones do; null: the implementation tells it.</summary>
    public byte[]? GameArguments { get; set; }

    /// <summary>What the rollup's portal says that withdrawals are proven by; null: it has no such function.</summary>
    public Address? PortalFactory { get; set; }

    public uint? RespectedType { get; set; }

    public Address? PortalOracle { get; set; }

    /// <summary>How L1 says that a call reverts.</summary>
    public (int Code, string Message) Revert { get; set; } = (RpcErrorCode.ExecutionReverted, "execution reverted");

    public ulong Anchor { get; set; }

    public ulong AnchorFork { get; set; }

    /// <summary>The games on L1, oldest first.</summary>
    public List<(uint Type, DateTimeOffset Created, Address Proxy, Address Creator, Hash256 Root, ulong Block)> Games { get; } = [];

    /// <summary>The proposals in the pool, by nonce.</summary>
    public SortedDictionary<ulong, (Proposal Proposal, Hash256 Hash)> Pool { get; } = [];

    /// <summary>Everything that was ever published, replacements too.</summary>
    public List<Proposal> Published { get; } = [];

    /// <summary>When the proposal of an L2 block was first published.</summary>
    public Dictionary<ulong, DateTimeOffset> FirstPublished { get; } = [];

    /// <summary>The proposals that were mined and did what they should.</summary>
    public List<Proposal> Accepted { get; } = [];

    public bool RevertsNext { get; set; }

    /// <summary>What the next send fails with, before L1 sees anything.</summary>
    public Exception? Fault { get; set; }

    /// <summary>The nonces that were cancelled.</summary>
    public List<ulong> Cancelled { get; } = [];

    /// <summary>While set, nothing is mined.</summary>
    public TaskCompletionSource? L1Stands { get; set; }

    /// <summary>Where the next send dies.</summary>
    public CrashPoint Crash { get; set; }

    public enum CrashPoint
    {
        None,
        /// <summary>The version is on disk, and L1 never sees it.</summary>
        BeforePublishing,
        /// <summary>It is in L1's pool.</summary>
        AfterPublishing,
        /// <summary>It is mined, and nobody waited for the receipt.</summary>
        AfterMining,
    }

    /// <summary>The power was cut.</summary>
    public sealed class CrashException : Exception;

    public Address Sender => Signer.Address;

    public static Hash256 RootOf(ulong block, ulong fork = 0) => Hash256.FromUInt256(new UInt256(block + 1000, fork));

    public BlockHeader HeaderAt(ulong number) => new() { Number = number, Timestamp = number, ExtraData = [(byte)L1Fork] };

    public static RollupConfig Rollup { get; } = new()
    {
        GenesisL1 = new BlockId(RootOf(1), 0), GenesisL2 = new BlockId(RootOf(2), 0), GenesisL2Time = 1_700_000_000, BlockTimeSeconds = 2, L1ChainId = 900, L2ChainId = 901,
        Forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Granite), BatchInboxAddress = Address.FromNumber(0xff), DepositContractAddress = Portal,
        L1SystemConfigAddress = Address.FromNumber(0x1006), GenesisSystemConfig = new SystemConfig { BatcherAddress = Address.FromNumber(0x1007), GasLimit = 30_000_000 },
    };

    /// <summary>A rollup node of this chain.</summary>
    /// <param name="name">Its endpoint.</param>
    /// <param name="fork">Which outputs it gives.</param>
    /// <param name="rollup">The chain it says it follows; null for ours.</param>
    public RollupNodeClient MakeNode(string name, ulong fork, RollupConfig? rollup = null) => new(new InProcessRpcClient(new RpcRegistry()
        .Register("optimism_syncStatus", _ => RpcResult.Json(w => RollupJson.WriteSyncStatus(w, Status())))
        .Register("optimism_rollupConfig", _ => RpcResult.Json(w => RollupConfigFile.Write(w, rollup ?? Rollup)))
        .Register("optimism_outputAtBlock", parameters => RpcResult.Json(w => RollupJson.WriteOutput(w, new OutputAtBlock
        {
            OutputRoot = RootOf(parameters.GetQuantity(0), fork), Block = Ref(parameters.GetQuantity(0)), WithdrawalStorageRoot = default, StateRoot = default, Status = Status(),
        }))), name));

    private SyncStatus Status() => new()
    {
        CurrentL1 = new L1BlockRef(HeaderAt(CurrentL1).Hash, CurrentL1, default, 1), UnsafeL2 = Ref(Safe + 5), SafeL2 = Ref(Safe), FinalizedL2 = Ref(Finalized),
    };

    private static L2BlockRef Ref(ulong number) => new(RootOf(number), number, default, number, default, 0);

    private UInt256[]? Call(Address to, byte[] data)
    {
        bool Is(string signature) => data.AsSpan(0, 4).SequenceEqual(CallData.Encode(signature));
        UInt256 Word(int index) => UInt256.FromBigEndian(data.AsSpan(4 + (32 * index), 32));
        if (to == Oracle)
        {
            if (Is("nextBlockNumber()")) return [NextBlock];
            if (Is("latestBlockNumber()")) return [NextBlock - 20];
            if (Is("proposer()")) return [(Allowed ?? Sender).ToUInt256()];
            if (Is("startingBlockNumber()")) return [0UL];
            if (Is("proposeL2Output(bytes32,uint256,bytes32,uint256)")) return Word(1) == NextBlock ? [] : null;
            return Is("startingTimestamp()") ? [Rollup.GenesisL2Time] : null;
        }

        if (to == Factory)
        {
            if (Is("gameImpls(uint32)")) return [HasImplementation ? GameImplementation.ToUInt256() : UInt256.Zero];
            if (Is("initBonds(uint32)")) return [Bond];
            if (Is("gameCount()")) return [(ulong)Games.Count];
            if (Is("gameAtIndex(uint256)")) return Games[(int)Word(0).U0] is var at ? [at.Type, (ulong)at.Created.ToUnixTimeSeconds(), at.Proxy.ToUInt256()] : null;
            if (Is("gameArgs(uint32)")) return GameArguments is { } kept ? [0x20UL, (ulong)kept.Length, .. Words(kept)] : null;
            if (Is("create(uint32,bytes32,bytes)")) return Games.Exists(g => g.Type == Word(0) && g.Root.ToUInt256() == Word(1) && g.Block == Word(4)) ? null : [1UL];
            if (!Is("games(uint32,bytes32,bytes)")) return null;
            var same = Games.FirstOrDefault(g => g.Type == Word(0) && g.Root.ToUInt256() == Word(1) && g.Block == Word(4));
            return same.Proxy.IsZero ? [UInt256.Zero, UInt256.Zero] : [same.Proxy.ToUInt256(), (ulong)same.Created.ToUnixTimeSeconds()];
        }

        if (to == GameImplementation)
        {
            if (GameArguments is not null) return [UInt256.Zero]; // only a game has them, not what it is cloned from
            if (Is("l2ChainId()")) return [GameChainId];
            if (Is("anchorStateRegistry()")) return [Registry.ToUInt256()];
            return Is("proposer()") && Allowed is { } allowed ? [allowed.ToUInt256()] : null;
        }

        if (to == Portal)
        {
            if (Is("disputeGameFactory()")) return PortalFactory is { } used ? [used.ToUInt256()] : null;
            if (Is("l2Oracle()")) return PortalOracle is { } asked ? [asked.ToUInt256()] : null;
            return Is("respectedGameType()") && RespectedType is { } respected ? [respected] : null;
        }

        if (to == Registry) return [RootOf(Anchor, AnchorFork).ToUInt256(), Anchor];
        var game = Games.FirstOrDefault(g => g.Proxy == to);
        if (game.Proxy.IsZero) return [];
        if (Is("gameCreator()")) return [game.Creator.ToUInt256()];
        if (Is("rootClaim()")) return [game.Root.ToUInt256()];
        return Is("extraData()") ? [0x20UL, 0x20UL, game.Block] : null;
    }

    private static IEnumerable<UInt256> Words(byte[] bytes)
    {
        for (int i = 0; i < bytes.Length; i += 32) yield return UInt256.FromBigEndian([.. bytes.AsSpan(i, Math.Min(32, bytes.Length - i)), .. new byte[Math.Max(0, i + 32 - bytes.Length)]]);
    }

    /// <summary>Puts a game on L1.</summary>
    public Address AddGame(Address creator, ulong block, Hash256 root, uint type = 0)
    {
        Address proxy = Address.FromNumber(0x9000 + ((ulong)Games.Count * 0x100) + L1Fork);
        Games.Add((type, Time.GetUtcNow(), proxy, creator, root, block));
        return proxy;
    }

    public async Task<BlockId> SendAsync(Proposal proposal, ITxRecorder recorder, TxResume? resume, CancellationToken cancellation)
    {
        if (RevertsNext)
        {
            RevertsNext = false;
            throw new ProposalException("reverted");
        }

        if (Fault is { } fault)
        {
            Fault = null;
            throw fault;
        }

        // as the transaction manager does: what was published of a transaction that reverts now may be mined yet, for all it knows
        if (resume is not null && proposal.GasLimit is null && WouldRevert(proposal) && !resume.Versions.Any(version => _transactions.TryGetValue(version.Hash, out var found) && found.Receipt is not null))
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }

        // as the transaction manager does: the first nonce is L1's, so that what is in the pool is replaced; later ones queue behind
        ulong nonce = resume?.Nonce ?? (_isFresh ? Nonce : NextFreeNonce());
        _isFresh = false;
        bool isPublished = resume is null || nonce >= Nonce;
        if (isPublished) await PublishAsync(proposal, nonce, resume is null ? 0 : resume.Versions.Count, recorder);
        if (Crash == CrashPoint.AfterPublishing) throw new CrashException();
        if (L1Stands is { } stands) await stands.Task.WaitAsync(cancellation);
        for (Mine(); Nonce < nonce; Mine()) Nonce++; // as the transaction manager does: it fills the nonces that nobody uses
        if (Crash == CrashPoint.AfterMining) throw new CrashException();
        Hash256[] hashes = [.. resume?.Versions.Select(static v => v.Hash) ?? [], .. isPublished ? [_lastHash] : Array.Empty<Hash256>()];
        foreach (Hash256 hash in hashes)
        {
            if (_transactions.TryGetValue(hash, out var found) && found.Receipt is { } receipt) return receipt.Succeeded ? receipt.Block : throw new ProposalException("the proposal reverted");
        }

        throw new ProposalException("nonce taken");
    }

    public Task<bool> CancelAsync(TxResume resume, CancellationToken cancellation)
    {
        _isFresh = false;
        if (resume.Versions.Any(version => _transactions.TryGetValue(version.Hash, out var found) && found.Receipt is not null)) return Task.FromResult(false);
        if (Nonce > resume.Nonce) return Task.FromResult(true);
        Cancelled.Add(resume.Nonce);
        Pool.Remove(resume.Nonce);
        L1Head++;
        Nonce = resume.Nonce + 1;
        return Task.FromResult(true);
    }

    private bool WouldRevert(Proposal proposal) => proposal.To == Oracle
        ? proposal.L2Block != NextBlock : Games.Exists(game => game.Root == proposal.OutputRoot && game.Block == proposal.L2Block);

    private Hash256 _lastHash;

    private async Task PublishAsync(Proposal proposal, ulong nonce, int version, ITxRecorder recorder)
    {
        Transaction signed = await Signer.SignAsync(new Transaction
        {
            Type = TransactionType.DynamicFee, ChainId = 900, Nonce = nonce, MaxFeePerGas = (ulong)(10 + version), MaxPriorityFeePerGas = 1UL, GasLimit = 400_000, To = proposal.To, Value = proposal.Value, Data = proposal.Data,
        }, default);
        _lastHash = signed.Hash;
        await recorder.PublishingAsync(new TxVersion(nonce, signed.Hash, new TxFees(1UL, (ulong)(10 + version), UInt256.Zero)), default);
        if (Crash == CrashPoint.BeforePublishing) throw new CrashException();
        _transactions[signed.Hash] = (signed, null);
        Published.Add(proposal);
        FirstPublished.TryAdd(proposal.L2Block, Time.GetUtcNow());
        Pool[nonce] = (proposal, signed.Hash);
    }

    /// <summary>A block with all that waits.</summary>
    public void Mine()
    {
        L1Head++;
        foreach ((ulong nonce, (Proposal proposal, Hash256 hash)) in Pool.ToArray())
        {
            if (nonce != Nonce) break;
            Pool.Remove(nonce);
            Nonce++;
            bool succeeds = Apply(proposal);
            if (succeeds) Accepted.Add(proposal);
            _mined.Push((nonce, proposal, hash, succeeds));
            Transaction transaction = _transactions[hash].Transaction;
            var receipt = new Receipt { Type = transaction.Type, Succeeded = succeeds, CumulativeGasUsed = 100_000 };
            _transactions[hash] = (transaction, new TxReceiptInfo { Receipt = receipt, TransactionHash = hash, Block = new BlockId(HeaderAt(L1Head).Hash, L1Head), TransactionIndex = 0 });
        }
    }

    /// <summary>The newest transactions are not on L1 any more.</summary>
    /// <param name="count">How many.</param>
    /// <param name="returned">Whether they are in the pool again, or lost.</param>
    public void Reorg(int count, bool returned)
    {
        L1Fork++;
        L1Head++;
        for (; count > 0 && _mined.TryPop(out var undone); count--)
        {
            Nonce = undone.Nonce;
            _transactions[undone.Hash] = (_transactions[undone.Hash].Transaction, null);
            if (returned) Pool[undone.Nonce] = (undone.Proposal, undone.Hash);
            else Pool.Clear();
            if (!undone.Succeeded) continue;
            Accepted.Remove(undone.Proposal);
            if (undone.Proposal.To == Oracle) NextBlock -= 20;
            else Games.RemoveAll(game => game.Root == undone.Proposal.OutputRoot && game.Block == undone.Proposal.L2Block);
        }

        // what stands above a lost gap filler is dropped
        ulong next = NextFreeNonce();
        foreach (ulong above in Pool.Keys.Where(nonce => nonce > next).ToArray()) Pool.Remove(above);
    }

    /// <summary>L1's pool forgets what it holds.</summary>
    public void LosePool()
    {
        foreach ((_, Hash256 hash) in Pool.Values) _transactions.Remove(hash);
        Pool.Clear();
    }

    /// <summary>What a node answers for <c>pending</c>: what waits above a gap does not count.</summary>
    private ulong NextFreeNonce()
    {
        ulong next = Nonce;
        while (Pool.ContainsKey(next)) next++;
        return next;
    }

    private bool Apply(Proposal proposal)
    {
        if (proposal.To == Oracle)
        {
            if (proposal.L2Block != NextBlock) return false;
            NextBlock += 20;
            return true;
        }

        if (Games.Any(g => g.Root == proposal.OutputRoot && g.Block == proposal.L2Block)) return false;
        AddGame(Sender, proposal.L2Block, proposal.OutputRoot, (uint)UInt256.FromBigEndian(proposal.Data.AsSpan(4, 32)).U0);
        return true;
    }

    public ProposerService Make(ProposerOptions options, params RollupNodeClient[] verifiers)
    {
        _isFresh = true;
        return new ProposerService(options, L1, _ => ValueTask.FromResult(Node), this, Time, Log, verifiers);
    }

    public ProposerService MakeForGames(uint type = 0, TimeSpan? interval = null, string? journal = null) =>
        Make(new ProposerOptions { GameFactory = Factory, GameType = type, ProposalInterval = interval ?? TimeSpan.FromHours(1), JournalFile = journal });

    public ListLog Log { get; } = new();
}
