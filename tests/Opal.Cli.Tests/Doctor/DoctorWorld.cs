using System.Text;
using System.Text.Json;
using Opal.Cli.Doctor;
using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;
using Opal.Trie;

namespace Opal.Cli.Tests.Doctor;

/// <summary>
/// A rollup with nothing wrong: L1 of 300 blocks of 12 s since the rollup began, an engine that is a few blocks ahead of its safe head, contracts, a Beacon API,
/// a running node. Tests spoil one thing and run a check.
/// </summary>
internal sealed class DoctorWorld : IDisposable
{
    public const ulong L1Chain = 11_155_111, L2Chain = 990_101, FirstL1 = 10_000, HeadL1 = 10_300, SafeOrigin = 10_296, T0 = 1_790_000_000;

    public static readonly Address SystemConfigAt = Address.FromNumber(0x5c), Portal = Address.FromNumber(0x90), Inbox = Address.FromNumber(0xff01), Batcher = Address.FromNumber(0xba),
        Proposer = Address.FromNumber(0x9a), Oracle = Address.FromNumber(0x0a), Factory = Address.FromNumber(0xfa), Versions = Address.FromNumber(0x7e);

    public static readonly byte[] SignerKey = [.. Enumerable.Repeat((byte)7, 32)];

    private static readonly Hash256 s_blob = Hash256.Parse("0x01" + new string('a', 62));

    private readonly List<string> _flags =
    [
        "--l1=http://l1-a:8545,http://l1-b:8545", "--l1.beacon=http://beacon:5052", "--l2=http://engine:8551", "--rollup.config=unused", "--datadir=/var/lib/opal", "--safedb.path=/var/lib/opal/safedb",
        "--rpc.addr=127.0.0.1", "--metrics.enabled", "--metrics.addr=127.0.0.1", "--batcher=" + Batcher, "--proposer=" + Proposer,
    ];

    private readonly Dictionary<(Address, string), UInt256[]> _calls = [];
    private readonly List<IDisposable> _owned = [];
    private readonly TempFolder _folder = new();

    public DoctorWorld()
    {
        Rollup = new RollupConfig
        {
            GenesisL1 = L1Header(FirstL1).Id,
            GenesisL2Time = L1Time(FirstL1),
            GenesisSystemConfig = new SystemConfig { BatcherAddress = Batcher, GasLimit = 60_000_000, Scalar = new EcotoneScalar(1368, 810_949).Encode(), Eip1559Denominator = 250, Eip1559Elasticity = 6 },
            L1ChainId = L1Chain,
            L2ChainId = L2Chain,
            Forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Jovian),
            BatchInboxAddress = Inbox,
            DepositContractAddress = Portal,
            L1SystemConfigAddress = SystemConfigAt,
            ProtocolVersionsAddress = Versions,
        };
        Rollup = Rollup with { GenesisL2 = L2Block(0).Header.Id };
        Jwt = _folder.Write("jwt.txt", new string('a', 64));
        File.SetUnixFileMode(Jwt, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Flag($"--l2.jwt-secret={Jwt}", $"--upgrade-bundles={_folder.Write("bundles.json", "{}")}");
        foreach (FakeRpc l1 in new[] { L1, SecondL1 }) ServeL1(l1);
        foreach (FakeRpc l2 in new[] { Engine, Eth, Followed, SequencerHttp }) ServeL2(l2);
        Engine.Answer("engine_exchangeCapabilities", """["engine_forkchoiceUpdatedV3","engine_newPayloadV4","engine_getPayloadV4","engine_getPayloadV5"]""");
        Engine.Answer("engine_getClientVersionV1", """[{"code":"GE","name":"Geth","version":"v1.2.3","commit":"0x12345678"}]""");
        Engine.Answer("eth_config", """{"current":{"activationTime":0},"next":null,"last":null}""");
        Eth.Answer("admin_nodeInfo", _ => "{\"protocols\":{\"eth\":{\"config\":" + JsonText.Of(writer => ChainConfigJson.Write(writer, ChainSpec.ForOptimism(L2Chain, EngineForks ?? Rollup.Forks, Rollup.FeeMarket))) + "}}}");
        ServeNode();
        ServeBeacon();
        SetContracts();
        Time = new ManualTime(DateTimeOffset.FromUnixTimeSeconds((long)L1Time(HeadL1) + 5));
        Host.Now = Time.GetUtcNow();
    }

    public RollupConfig Rollup { get; set; }

    /// <summary>The error of reading the rollup, where it cannot be read: the flags lead to a file then.</summary>
    public bool ReadsRollup { get; set; }

    public FakeRpc L1 { get; } = new("http://l1-a:8545");

    public FakeRpc SecondL1 { get; } = new("http://l1-b:8545");

    public List<FakeRpc> Providers { get; } = [];

    public FakeRpc Engine { get; } = new("http://engine:8551");

    public FakeRpc Eth { get; } = new("http://engine:8545");

    public FakeRpc Followed { get; } = new("http://other:8545");

    public FakeRpc SequencerHttp { get; } = new("http://sequencer:8545");

    public FakeRpc Node { get; } = new("http://127.0.0.1:9545");

    public FakeBeacon Beacon { get; } = new();

    public FakeHost Host { get; } = new();

    public ManualTime Time { get; }

    public TempFolder Folder => _folder;

    public string Jwt { get; }

    /// <summary>The engine's fork times where they are not the rollup's.</summary>
    public OptimismForkTimes? EngineForks { get; set; }

    public ulong SafeNumber { get; set; } = 1_770;

    public ulong UnsafeNumber { get; set; } = 1_801;

    public ulong? FinalizedNumber { get; set; } = 1_600;

    public ulong Origin { get; set; } = SafeOrigin;

    /// <summary>Whether L1's blocks hash otherwise from this one on.</summary>
    public ulong ForkedFrom { get; set; } = ulong.MaxValue;

    public ulong L1Head { get; set; } = HeadL1;

    public ulong FinalizedL1 { get; set; } = HeadL1 - 80;

    public bool HasBeacon { get; set; } = true;

    public bool HasFallback { get; set; } = true;

    public bool HasEth { get; set; } = true;

    public bool HasSequencerHttp { get; set; } = true;

    public bool HasFollowed { get; set; }

    public Uri? FallbackUrl { get; set; }

    public HashSet<Address> WithoutCode { get; } = [Inbox, Batcher, Proposer];

    public UInt256 BatcherBalance { get; set; } = new UInt256(5_000_000_000_000_000_000);

    public UInt256 ProposerBalance { get; set; } = new UInt256(5_000_000_000_000_000_000);

    public DoctorWorld Flag(params string[] flags)
    {
        _flags.AddRange(flags);
        return this;
    }

    /// <summary>Takes a flag of the healthy world away.</summary>
    public DoctorWorld Without(string flag)
    {
        _flags.RemoveAll(text => text.StartsWith("--" + flag + "=", StringComparison.Ordinal));
        return this;
    }

    public void Contract(Address at, string getter, params UInt256[] words) => _calls[(at, getter)] = words;

    public void ContractLacks(Address at, string getter) => _calls.Remove((at, getter));

    public static ulong L1Time(ulong number) => T0 + (12 * number);

    public BlockHeader L1Header(ulong number, bool forked = false) => L1Block(number, forked).Header;

    private Block L1Block(ulong number, bool forked = false)
    {
        Transaction[] transactions = number == SafeOrigin + 2
            ? [new Transaction { Type = TransactionType.Blob, ChainId = L1Chain, GasLimit = 21_000, To = Inbox, BlobVersionedHashes = [s_blob], R = UInt256.One, S = UInt256.One }] : [];
        return new Block
        {
            Header = new BlockHeader
            {
                Number = number,
                Timestamp = L1Time(number),
                BaseFeePerGas = new UInt256(7),
                GasLimit = 30_000_000,
                ExtraData = forked || number >= ForkedFrom ? [1] : [],
                TransactionsRoot = OrderedTrie.Root([.. transactions.Select(static t => (ReadOnlyMemory<byte>)t.Encoded)]),
                ReceiptsRoot = Hash256.EmptyTrie,
                WithdrawalsRoot = Hash256.EmptyTrie,
                ExcessBlobGas = 0,
                BlobGasUsed = 0,
                ParentBeaconBlockRoot = Hash256.Zero,
            },
            Transactions = transactions,
            Withdrawals = [],
        };
    }

    public Block L2Block(ulong number, ulong? time = null)
    {
        var info = new L1BlockInfo { Format = L1BlockInfoFormat.Jovian, Number = Origin, BlockHash = L1Block(Origin).Header.Hash, Timestamp = L1Time(Origin), BatcherAddress = Batcher };
        return new Block
        {
            Header = new BlockHeader { Number = number, Timestamp = time ?? L1Time(FirstL1) + (2 * number), GasLimit = 60_000_000, BaseFeePerGas = UInt256.One, WithdrawalsRoot = Hash256.EmptyTrie, ExcessBlobGas = 0, BlobGasUsed = 0, ParentBeaconBlockRoot = Hash256.Zero, RequestsHash = ExecutionRequests.EmptyHash },
            Transactions = number == 0 ? [] : [info.ToDepositTransaction(isRegolith: true)],
            Withdrawals = [],
        };
    }

    public static string Json(Block? block, bool full) => block is null ? "null" : JsonText.Of(writer => EthJson.WriteBlock(writer, block, full, NativeCrypto.Instance));

    private void ServeL1(FakeRpc rpc)
    {
        rpc.Answer("eth_chainId", Quantity(L1Chain)).Answer("eth_blockNumber", _ => Quantity(L1Head)).Answer("eth_syncing", "false").Answer("web3_clientVersion", "\"Geth/v1.0.0\"");
        rpc.Answer("eth_getBlockByNumber", given => Numbered(given[0].GetString()!, L1Head, HeadL1 - 40, FinalizedL1) is { } number && number <= L1Head ? Json(L1Block(number), given[1].GetBoolean()) : "null");
        rpc.Answer("eth_getBlockReceipts", "[]");
        rpc.Answer("eth_getCode", given => WithoutCode.Contains(Address.Parse(given[0].GetString()!)) ? "\"0x\"" : "\"0x60\"");
        rpc.Answer("eth_getBalance", given => JsonText.Of(writer => writer.WriteQuantityValue(Address.Parse(given[0].GetString()!) == Batcher ? BatcherBalance : ProposerBalance)));
        rpc.Answer("eth_call", Call);
    }

    private string Call(JsonElement[] given)
    {
        var to = Address.Parse(given[0].GetProperty("to").GetString()!);
        string data = given[0].GetProperty("input").GetString()!;
        foreach (((Address at, string getter), UInt256[] words) in _calls)
        {
            string selector = Hex.Encode(Keccak256.Hash(Encoding.ASCII.GetBytes(getter)).ToArray().AsSpan(0, 4));
            if (at == to && data.StartsWith(selector, StringComparison.Ordinal)) return $"\"{Hex.Encode([.. words.SelectMany(static word => word.ToBigEndianArray())])}\"";
        }

        return "\"0x\"";
    }

    private static ulong? Numbered(string label, ulong latest, ulong? safe, ulong? finalized) => label switch
    {
        "latest" => latest,
        "safe" => safe,
        "finalized" => finalized,
        _ => (ulong)Convert.ToInt64(label, 16),
    };

    public static string Quantity(ulong value) => $"\"{Hex.Quantity(value)}\"";

    private void ServeL2(FakeRpc rpc)
    {
        rpc.Answer("eth_chainId", Quantity(L2Chain)).Answer("eth_blockNumber", _ => Quantity(UnsafeNumber)).Answer("eth_syncing", "false").Answer("web3_clientVersion", "\"Geth/v1.0.0\"");
        rpc.Answer("eth_getBlockByNumber", given => Numbered(given[0].GetString()!, UnsafeNumber, SafeNumber, FinalizedNumber) is { } number ? Json(L2Block(number), given[1].GetBoolean()) : "null");
    }

    private void ServeNode()
    {
        Node.Answer("optimism_version", $"\"{VersionText.ClientName(null)}\"");
        Node.Answer("optimism_rollupConfig", _ => JsonText.Of(writer => RollupConfigFile.Write(writer, Rollup)));
        AnswerStatus(halted: null, l1Trouble: null);
        AnswerSync(currentL1: HeadL1 - 2);
    }

    public void AnswerStatus(string? halted, string? l1Trouble) => Node.Answer("opal_status", $$"""
        {"version":"Opal","l1_chain_id":1,"l2_chain_id":2,"time":1,"halted":{{Quoted(halted)}},
         "l1":{"head":{"number":1,"age":1},"current":{"number":1,"age":1},"safe":{"number":1,"age":1},"finalized":{"number":1,"age":1},"trouble":{{Quoted(l1Trouble)}}},
         "l2":{"unsafe":{"number":1,"age":1,"lag":0},"safe":{"number":1,"age":1,"lag":0},"finalized":{"number":1,"age":1,"lag":0},"engine_trouble":null},
         "sequencer":{"enabled":false,"active":false,"recover":false,"reason":null},"channels":[],"dropped":[]}
        """);

    private static string Quoted(string? text) => text is null ? "null" : $"\"{text}\"";

    public void AnswerSync(ulong currentL1)
    {
        var l2 = new L2BlockRef(Hash256.Zero, 5, Hash256.Zero, 5, default, 0);
        var status = new SyncStatus { CurrentL1 = new L1BlockRef(Hash256.Zero, currentL1, Hash256.Zero, 1), HeadL1 = new L1BlockRef(Hash256.Zero, HeadL1, Hash256.Zero, 1), UnsafeL2 = l2, SafeL2 = l2, FinalizedL2 = l2, PendingSafeL2 = l2 };
        Node.Answer("optimism_syncStatus", JsonText.Of(writer => RollupJson.WriteSyncStatus(writer, status)));
    }

    private void ServeBeacon()
    {
        Beacon.Data["eth/v1/node/version"] = """{"version":"Lighthouse/v1"}""";
        Beacon.Data["eth/v1/beacon/genesis"] = $$"""{"genesis_time":"{{T0}}"}""";
        Spec(12, L1Chain, 4_096);
        Syncing(HeadL1, isSyncing: false);
        Beacon.Data[$"eth/v1/beacon/blobs/{SafeOrigin + 2}"] = $"[\"{Hex.Encode(new byte[131_072])}\"]";
    }

    public void Spec(ulong slot, ulong chain, ulong epochs) => Beacon.Data["eth/v1/config/spec"] =
        $$"""{"SECONDS_PER_SLOT":"{{slot}}","SLOTS_PER_EPOCH":"32","DEPOSIT_CHAIN_ID":"{{chain}}","MIN_EPOCHS_FOR_BLOB_SIDECARS_REQUESTS":"{{epochs}}"}""";

    public void Syncing(ulong slot, bool isSyncing) => Beacon.Data["eth/v1/node/syncing"] = $$"""{"head_slot":"{{slot}}","is_syncing":{{(isSyncing ? "true" : "false")}},"el_offline":false}""";

    private void SetContracts()
    {
        Contract(SystemConfigAt, "batcherHash()", Batcher.ToUInt256());
        Contract(SystemConfigAt, "scalar()", new EcotoneScalar(1368, 810_949).Encode());
        Contract(SystemConfigAt, "gasLimit()", 60_000_000UL);
        Contract(SystemConfigAt, "minimumGasLimit()", 21_000_000UL);
        Contract(SystemConfigAt, "eip1559Denominator()", 250UL);
        Contract(SystemConfigAt, "eip1559Elasticity()", 6UL);
        Contract(SystemConfigAt, "unsafeBlockSigner()", Secp256k1.PrivateKeyToAddress(SignerKey).ToUInt256());
        Contract(SystemConfigAt, "batchInbox()", Inbox.ToUInt256());
        Contract(SystemConfigAt, "optimismPortal()", Portal.ToUInt256());
        Contract(SystemConfigAt, "startBlock()", FirstL1 - 3);
        Contract(SystemConfigAt, "l2ChainId()", L2Chain);
        Contract(Portal, "paused()", UInt256.Zero);
        Contract(Portal, "l2Oracle()", Oracle.ToUInt256());
        Contract(Oracle, "l2BlockTime()", 2UL);
        Contract(Oracle, "startingTimestamp()", L1Time(FirstL1));
        Contract(Oracle, "startingBlockNumber()", UInt256.Zero);
        Contract(Oracle, "submissionInterval()", 1_800UL);
        Contract(Oracle, "latestBlockNumber()", 1_700UL);
        Contract(Oracle, "proposer()", Proposer.ToUInt256());
    }

    /// <summary>The portal of a chain with fault proofs.</summary>
    public DoctorWorld WithGames()
    {
        ContractLacks(Portal, "l2Oracle()");
        Contract(Portal, "disputeGameFactory()", Factory.ToUInt256());
        Contract(Portal, "respectedGameType()", UInt256.One);
        Contract(Factory, "gameImpls(uint32)", Address.FromNumber(0x6a).ToUInt256());
        Contract(Factory, "gameCount()", 4UL);
        Contract(Factory, "gameAtIndex(uint256)", UInt256.One, new UInt256(L1Time(HeadL1) - 600), UInt256.One);
        return this;
    }

    /// <summary>A node that makes blocks.</summary>
    public DoctorWorld AsSequencer() => Flag("--sequencer.enabled", $"--p2p.sequencer.key={_folder.Write("key.txt", Hex.Encode(SignerKey))}", $"--rpc.admin-state={_folder.PathOf("state.json")}");

    /// <summary>A node that follows another.</summary>
    public DoctorWorld AsFollower()
    {
        HasFollowed = true;
        return this;
    }

    public Examined Examine()
    {
        FlagValues values = FlagParser.Parse(DoctorFlags.Table, _flags, []);
        if (Providers.Count == 0) Providers.AddRange([L1, SecondL1]);
        FallbackUrl ??= Beacon.Url;
        var beacon = new BeaconClientOptions { Timeout = TimeSpan.FromSeconds(15) };
        var connections = new DoctorConnections
        {
            L1 = Providers,
            Engine = Engine,
            Eth = HasEth ? Eth : null,
            Followed = HasFollowed ? Followed : null,
            SequencerHttp = HasSequencerHttp ? SequencerHttp : null,
            Node = Node,
            Beacon = HasBeacon ? Own(new BeaconClient(Beacon.Url, beacon)) : null,
            BeaconFallbacks = HasFallback ? [Own(new BeaconClient(FallbackUrl))] : [],
        };
        return Own(new Examined(values, connections, Host, Time, ReadsRollup ? null : Rollup));
    }

    /// <summary>Runs one check.</summary>
    public async Task<CheckResult> RunAsync(string id) => await Examination.RunAsync(AllChecks.List.Single(check => check.Id == id), Examine(), TimeSpan.FromSeconds(20), default);

    private T Own<T>(T thing) where T : IDisposable
    {
        _owned.Add(thing);
        return thing;
    }

    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--) _owned[i].Dispose();
        Beacon.Dispose();
        _folder.Dispose();
    }
}
