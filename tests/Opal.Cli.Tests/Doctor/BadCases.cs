using Opal.Cli.Doctor;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Cli.Doctor.CheckStatus;

namespace Opal.Cli.Tests.Doctor;

/// <summary>What can be wrong: at least one case for every check that can warn or fail.</summary>
internal static class BadCases
{
    private const ulong Now = DoctorWorld.T0 + (12 * DoctorWorld.HeadL1) + 5;
    private static readonly Address s_other = Address.FromNumber(0xdead);

    public static IReadOnlyList<BadCase> All { get; } = [.. Rollups(), .. Upgrades(), .. L1(), .. Beacons(), .. Contracts(), .. BadEngineCases.All(), .. Sequencers(), .. Batches(), .. Nodes(), .. Hosts(), .. Security()];

    private static IEnumerable<BadCase> Rollups() =>
    [
        new("rollup.file", "no file", Failed, "there is no such file", "--rollup.config", static w => { w.ReadsRollup = true; w.Without("rollup.config").Flag("--rollup.config=" + w.Folder.PathOf("none.json")); }),
        new("rollup.file", "no JSON", Failed, "no JSON", "--rollup.config", static w => { w.ReadsRollup = true; w.Without("rollup.config").Flag("--rollup.config=" + w.Folder.Write("bad.json", "{")); }),
        new("rollup.fork-order", "a file out of order", Failed, "in order", "--override", static w =>
        {
            w.ReadsRollup = true;
            w.Without("rollup.config").Flag("--rollup.config=" + w.Folder.Write("order.json", JsonText.Of(writer => RollupConfigFile.Write(writer, w.Rollup with { Forks = w.Rollup.Forks with { Granite = null } }))));
        }),
        new("rollup.fork-order", "an override out of order", Failed, "in order", "--override", static w =>
        {
            w.ReadsRollup = true;
            w.Without("rollup.config").Flag("--override.canyon=9999999999", "--rollup.config=" + w.Folder.Write("good.json", JsonText.Of(writer => RollupConfigFile.Write(writer, w.Rollup))));
        }),
        new("rollup.fork-order", "Holocene before Granite", Failed, "Holocene would activate before", "order of the forks", static w => w.Rollup = w.Rollup with { Forks = w.Rollup.Forks with { Granite = 50 } }),
        new("rollup.overrides", "an override", Warning, "--override.jovian", "every node", static w => w.Flag("--override.jovian=0")),
        new("rollup.known-network", "another genesis", Failed, "another genesis", "--network=op-mainnet", static w => w.Rollup = w.Rollup with { L2ChainId = 10 }),
        new("rollup.known-network", "another inbox", Warning, "batch_inbox_address", "--network=op-mainnet", static w => w.Rollup = Networks.All.Single(static n => n.Name == "op-mainnet").Rollup with { BatchInboxAddress = s_other }),
        new("rollup.block-time", "longer than L1's", Failed, "every 13 s", "--rollup.config", static w => w.Rollup = w.Rollup with { BlockTimeSeconds = 13 }),
        new("rollup.block-time", "no divisor", Warning, "no multiple", "--rollup.config", static w => w.Rollup = w.Rollup with { BlockTimeSeconds = 5 }),
        new("rollup.sequencing-window", "ten minutes", Warning, "50 L1 blocks, 10 min", "3600", static w => w.Rollup = w.Rollup with { SequencingWindowSize = 50 }),
        new("rollup.channel-timeout", "longer than the window", Failed, "50 L1 blocks", "--rollup.config", static w => w.Rollup = w.Rollup with { SequencingWindowSize = 40 }),
        new("rollup.sequencer-drift", "shorter than an L1 block", Failed, "stand still", "--rollup.config", static w => w.Rollup = w.Rollup with { MaxSequencerDriftFjordSeconds = 12 }),
        new("rollup.sequencer-drift", "five L1 blocks", Warning, "5 missing L1 blocks", "--rollup.config", static w => w.Rollup = w.Rollup with { MaxSequencerDriftFjordSeconds = 60 }),
        new("rollup.addresses", "one address twice", Failed, "the same address", "--rollup.config", static w => w.Rollup = w.Rollup with { BatchInboxAddress = DoctorWorld.Portal }),
        new("rollup.addresses", "zero", Failed, "l1_system_config_address is zero", "--rollup.config", static w => w.Rollup = w.Rollup with { L1SystemConfigAddress = Address.Zero }),
        new("rollup.blob-schedule", "an unknown L1", Warning, "chain 777", "--rollup.l1-chain-config", static w => w.Rollup = w.Rollup with { L1ChainId = 777 }),
        new("rollup.blob-schedule", "no file", Failed, "no such file", "--rollup.l1-chain-config", static w => w.Flag("--rollup.l1-chain-config=" + w.Folder.PathOf("none.json"))),
        new("rollup.genesis-time", "before L1's block", Failed, "4 s before", "--rollup.config", static w => w.Rollup = w.Rollup with { GenesisL2Time = w.Rollup.GenesisL2Time - 4 }),
        new("rollup.genesis-time", "days later", Warning, "after its L1 block", "genesis.l1", static w => w.Rollup = w.Rollup with { GenesisL2Time = w.Rollup.GenesisL2Time + 200_000 }),
    ];

    private static IEnumerable<BadCase> Upgrades() =>
    [
        new("upgrades.file", "no file", Failed, "no such file", "opal upgrades install", static w => w.Flag("--upgrade-bundles=" + w.Folder.PathOf("none.json"))),
        new("upgrades.bundles", "in an hour", Failed, "Jovian is missing", "opal upgrades install", static w => w.Rollup = w.Rollup with { Forks = w.Rollup.Forks with { Jovian = Now + 3_600 } }),
        new("upgrades.bundles", "in a month", Warning, "30 days", "opal upgrades install", static w => w.Rollup = w.Rollup with { Forks = w.Rollup.Forks with { Jovian = Now + (30 * 86_400) } }),
        new("upgrades.bundles", "passed, and not derived yet", Failed, "derivation stops", "opal upgrades install", static w => w.Rollup = w.Rollup with { Forks = w.Rollup.Forks with { Jovian = w.Rollup.GenesisL2Time + 3_560 } }),
        new("upgrades.next", "in an hour", Warning, "Jovian activates in 60 min", "engine.capabilities", static w => w.Rollup = w.Rollup with { Forks = w.Rollup.Forks with { Jovian = Now + 3_600 } }),
    ];

    private static IEnumerable<BadCase> L1() =>
    [
        new("l1.reachable", "both down", Failed, "nothing listens there", "--l1", static w => { w.L1.GoDown(); w.SecondL1.GoDown(); }),
        new("l1.reachable", "one down", Warning, "1 of 2", "--l1", static w => w.SecondL1.GoDown()),
        new("l1.chain-id", "another chain", Failed, "serves chain 5", "correct --l1", static w => w.SecondL1.Answer("eth_chainId", "\"0x5\"")),
        new("l1.chain-id", "the L2", Failed, "the L2 itself", "correct --l1", static w => w.L1.Answer("eth_chainId", DoctorWorld.Quantity(DoctorWorld.L2Chain))),
        new("l1.genesis", "another hash", Failed, "rollup.json says", "another deployment", static w => w.Rollup = w.Rollup with { GenesisL1 = w.Rollup.GenesisL1 with { Hash = Keccak256.Hash([9]) } }),
        new("l1.genesis", "not synced so far", Warning, "the rollup begins at block 10000", "synced", static w => w.L1Head = 9_000),
        new("l1.syncing", "syncing", Warning, "syncing", "eth_syncing", static w => w.L1.Answer("eth_syncing", """{"currentBlock":"0x1"}""")),
        new("l1.head-age", "four minutes", Warning, "old", "beacon node", static w => w.L1Head = DoctorWorld.HeadL1 - 20),
        new("l1.head-age", "an hour", Failed, "stands still", "host.clock", static w => w.L1Head = DoctorWorld.HeadL1 - 299),
        new("l1.finality", "no such block", Warning, "no finalized block", "\"finalized\"", static w => w.FinalizedL1 = ulong.MaxValue / 2),
        new("l1.finality", "hours behind", Warning, "trouble finalizing", "wait", static w => w.FinalizedL1 = DoctorWorld.HeadL1 - 300),
        new("l1.safe-label", "no such label", Warning, "safe", "--l1", static w => w.L1Head = DoctorWorld.HeadL1 - 200),
        new("l1.history", "pruned", Failed, "is not there", "archive", static w =>
        {
            w.Origin = DoctorWorld.SafeOrigin;
            w.L1.Answer("eth_getBlockByNumber", given => given[0].GetString() is "latest" ? DoctorWorld.Json(new Block { Header = w.L1Header(DoctorWorld.HeadL1), Withdrawals = [] }, false) : "null");
        }),
        new("l1.receipts", "neither together nor singly", Failed, "neither together nor one by one", "another provider", static w => { w.L1.Forget("eth_getBlockReceipts"); w.Origin = DoctorWorld.SafeOrigin + 2; }),
        new("l1.receipts", "refused", Failed, "archive only", "another provider", static w => w.L1.Refuse("eth_getBlockReceipts", -32000, "archive only")),
        new("l1.receipts", "one by one", Warning, "one by one", "another provider", static w => w.L1.Forget("eth_getBlockReceipts")),
        new("l1.batch", "too large", Failed, "batch of 20", "--l1.rpc-max-batch-size", static w => w.L1.MostCalls = 16),
        new("l1.latency", "two seconds", Warning, "2000 ms", "--l1.max-concurrency", static w => w.L1.Before = () => w.Time.Advance(TimeSpan.FromSeconds(2))),
        new("l1.agreement", "another fork", Failed, "another block 10297", "--l1", static w => w.SecondL1.Answer("eth_getBlockByNumber", _ => DoctorWorld.Json(new Block { Header = w.L1Header(10_297, forked: true), Withdrawals = [] }, false))),
        new("l1.agreement", "far behind", Warning, "80 blocks behind", "--l1", static w => w.SecondL1.Answer("eth_blockNumber", DoctorWorld.Quantity(DoctorWorld.HeadL1 - 80))),
        new("l1.confirmations", "all kept back", Warning, "keeps all of them back", "--verifier.l1-confs", static w => w.Flag("--verifier.l1-confs=400")),
        new("l1.confirmations", "half a window", Warning, "half a sequencing window", "set it to a few", static w => w.Flag("--verifier.l1-confs=2000")),
    ];

    private static IEnumerable<BadCase> Beacons() =>
    [
        new("beacon.given", "none", Failed, "stops the safe head", "--l1.beacon", static w => w.HasBeacon = false),
        new("beacon.given", "ignored", Warning, "--l1.beacon.ignore", "--l1.beacon", static w => { w.HasBeacon = false; w.Flag("--l1.beacon.ignore"); }),
        new("beacon.reachable", "404", Failed, "404", "--l1.beacon", static w => w.Beacon.Data.Clear()),
        new("beacon.chain", "mainnet's", Failed, "chain 1,", "--l1.beacon", static w => w.Spec(12, 1, 4_096)),
        new("beacon.clock", "between slots", Failed, "falls between", "--l1.beacon", static w => w.Beacon.Data["eth/v1/beacon/genesis"] = $$"""{"genesis_time":"{{DoctorWorld.T0 + 5}}"}"""),
        new("beacon.clock", "later than L1", Failed, "after L1's head", "--l1.beacon", static w => w.Beacon.Data["eth/v1/beacon/genesis"] = $$"""{"genesis_time":"{{Now + 50}}"}"""),
        new("beacon.syncing", "syncing", Warning, "syncing", "--l1.beacon", static w => w.Syncing(50, isSyncing: true)),
        new("beacon.syncing", "no execution client", Warning, "does not answer it", "execution client", static w => w.Beacon.Data["eth/v1/node/syncing"] = """{"head_slot":"5","is_syncing":false,"el_offline":true}"""),
        new("beacon.head", "behind", Warning, "slot 10200", "behind", static w => w.Syncing(10_200, isSyncing: false)),
        new("beacon.blobs", "pruned", Failed, "not to be had", "--l1.beacon-fallbacks", static w => w.Beacon.Data.Remove($"eth/v1/beacon/blobs/{DoctorWorld.SafeOrigin + 2}")),
        new("beacon.retention", "gone", Failed, "they are gone", "--l1.beacon-fallbacks", static w => { w.HasFallback = false; w.Rollup = w.Rollup with { SequencingWindowSize = 100 }; w.Spec(12, DoctorWorld.L1Chain, 5); w.Origin = DoctorWorld.FirstL1 + 5; }),
        new("beacon.retention", "soon gone", Warning, "catching up must end", "--l1.beacon-fallbacks", static w => { w.HasFallback = false; w.Rollup = w.Rollup with { SequencingWindowSize = 100 }; w.Spec(12, DoctorWorld.L1Chain, 10); w.Origin = DoctorWorld.FirstL1 + 5; }),
        new("beacon.retention", "shorter than the window", Warning, "sequencing window is", "--l1.beacon-fallbacks", static w => w.Spec(12, DoctorWorld.L1Chain, 5)),
        new("beacon.fallbacks", "dead", Warning, "eth/v1/beacon/genesis", "--l1.beacon-fallbacks", static w => w.FallbackUrl = new Uri("http://127.0.0.1:1")),
    ];

    private static IEnumerable<BadCase> Contracts() =>
    [
        new("contracts.system-config", "no code", Failed, "no contract", "--rollup.config", static w => w.WithoutCode.Add(DoctorWorld.SystemConfigAt)),
        new("contracts.system-config", "another contract", Failed, "no SystemConfig", "--rollup.config", static w => w.ContractLacks(DoctorWorld.SystemConfigAt, "batcherHash()")),
        new("contracts.portal", "no code", Failed, "no deposit", "--rollup.config", static w => w.WithoutCode.Add(DoctorWorld.Portal)),
        new("contracts.portal-link", "another portal", Failed, "optimismPortal()", "--rollup.config", static w => w.Contract(DoctorWorld.SystemConfigAt, "optimismPortal()", s_other.ToUInt256())),
        new("contracts.batch-inbox", "another inbox", Failed, "batchInbox()", "--rollup.config", static w => w.Contract(DoctorWorld.SystemConfigAt, "batchInbox()", s_other.ToUInt256())),
        new("contracts.inbox-code", "a contract", Warning, "a contract at the batch inbox", "without code", static w => w.WithoutCode.Remove(DoctorWorld.Inbox)),
        new("contracts.l2-chain-id", "another L2", Failed, "chain 7,", "--rollup.config", static w => w.Contract(DoctorWorld.SystemConfigAt, "l2ChainId()", 7UL)),
        new("contracts.start-block", "in the future", Failed, "L1 is at", "--rollup.config", static w => w.Contract(DoctorWorld.SystemConfigAt, "startBlock()", 99_999UL)),
        new("contracts.start-block", "much later", Warning, "long after", "SystemConfig", static w => { w.Rollup = w.Rollup with { SequencingWindowSize = 100 }; w.Contract(DoctorWorld.SystemConfigAt, "startBlock()", DoctorWorld.FirstL1 + 200); }),
        new("contracts.batcher", "zero", Failed, "no batch counts", "setBatcherHash", static w => w.Contract(DoctorWorld.SystemConfigAt, "batcherHash()", UInt256.Zero)),
        new("contracts.gas-limit", "too low", Failed, "deposits may need", "setGasLimit", static w => w.Contract(DoctorWorld.SystemConfigAt, "gasLimit()", 1_000UL)),
        new("contracts.gas-limit", "very high", Warning, "must execute that", "opal bench", static w => w.Contract(DoctorWorld.SystemConfigAt, "gasLimit()", 900_000_000UL)),
        new("contracts.fee-scalar", "unreadable", Failed, "no encoding", "setGasConfigEcotone", static w => w.Contract(DoctorWorld.SystemConfigAt, "scalar()", UInt256.MaxValue)),
        new("contracts.fee-scalar", "zero", Warning, "both scalars are 0", "setGasConfigEcotone", static w => w.Contract(DoctorWorld.SystemConfigAt, "scalar()", new EcotoneScalar(0, 0).Encode())),
        new("contracts.eip1559", "half set", Failed, "elasticity 0", "setEIP1559Params", static w => w.Contract(DoctorWorld.SystemConfigAt, "eip1559Elasticity()", UInt256.Zero)),
        new("contracts.paused", "paused", Warning, "paused", "guardian", static w => w.Contract(DoctorWorld.Portal, "paused()", UInt256.One)),
        new("contracts.protocol-versions", "no code", Warning, "no contract", "rollup.json", static w => w.WithoutCode.Add(DoctorWorld.Versions)),
        new("proposer.contract", "no code", Failed, "no contract", "another deployment", static w => w.WithoutCode.Add(DoctorWorld.Oracle)),
        new("proposer.oracle", "another block time", Failed, "l2BlockTime() is 12", "initialised anew", static w => w.Contract(DoctorWorld.Oracle, "l2BlockTime()", 12UL)),
        new("proposer.oracle", "another start", Failed, "startingTimestamp()", "initialised anew", static w => w.Contract(DoctorWorld.Oracle, "startingTimestamp()", 12UL)),
        new("proposer.interval", "zero", Failed, "0 blocks", "1800", static w => w.Contract(DoctorWorld.Oracle, "submissionInterval()", UInt256.Zero)),
        new("proposer.interval", "too short", Warning, "cannot keep up", "1800", static w => w.Contract(DoctorWorld.Oracle, "submissionInterval()", 2UL)),
        new("proposer.interval", "days", Warning, "withdrawals wait", "1800", static w => w.Contract(DoctorWorld.Oracle, "submissionInterval()", 200_000UL)),
        new("proposer.games", "no such game", Failed, "no such game", "setImplementation", static w => w.WithGames().Contract(DoctorWorld.Factory, "gameImpls(uint32)", UInt256.Zero)),
        new("proposer.balance", "empty", Failed, "0.0000 ETH", "ether on L1", static w => w.ProposerBalance = UInt256.Zero),
        new("proposer.balance", "empty, named by the oracle", Failed, "0.0000 ETH", "ether on L1", static w => { w.Without("proposer"); w.ProposerBalance = UInt256.Zero; }),
        new("proposer.recent", "long ago", Warning, "old", "proposer runs", static w => { w.Contract(DoctorWorld.Oracle, "latestBlockNumber()", UInt256.Zero); w.Contract(DoctorWorld.Oracle, "submissionInterval()", 20UL); }),
        new("proposer.recent", "no game", Warning, "no game", "proposer runs", static w => w.WithGames().Contract(DoctorWorld.Factory, "gameCount()", UInt256.Zero)),
    ];

    private static IEnumerable<BadCase> Sequencers() =>
    [
        new("sequencer.key", "none", Warning, "no key", "--p2p.sequencer.key", static w => w.Flag("--sequencer.enabled")),
        new("sequencer.signer", "another key", Failed, "other nodes refuse", "setUnsafeBlockSigner", static w => w.Flag("--p2p.sequencer.key=" + w.Folder.Write("k", new string('1', 64)))),
        new("sequencer.signer", "no key", Failed, "no private key", "--p2p.sequencer.key", static w => w.Flag("--p2p.sequencer.key=" + w.Folder.Write("k", "hello"))),
        new("sequencer.signer", "zero", Failed, "curve", "--p2p.sequencer.key", static w => w.Flag("--p2p.sequencer.key=" + w.Folder.Write("k", new string('0', 64)))),
        new("sequencer.start", "no way to start", Failed, "no admin RPC", "--rpc.enable-admin", static w => w.Flag("--sequencer.enabled", "--sequencer.stopped")),
        new("sequencer.start", "stopped what is not there", Warning, "means nothing", "--sequencer.enabled", static w => w.Flag("--sequencer.stopped")),
        new("sequencer.admin-state", "malformed", Failed, "does not say", "--rpc.admin-state", static w => w.Flag("--rpc.admin-state=" + w.Folder.Write("state.json", "[]"))),
        new("sequencer.admin-state", "not writable", Failed, "Permission denied", "--rpc.admin-state", static w => { w.Flag("--rpc.admin-state=" + w.Folder.PathOf("state.json")); w.Host.ReadOnly = "state.json"; }),
        new("sequencer.l1-confs", "beyond the drift", Failed, "no block could be made", "4 is usual", static w => w.Flag("--sequencer.enabled", "--sequencer.l1-confs=200")),
        new("sequencer.l1-confs", "none", Warning, "reorganisation", "4 is usual", static w => w.Flag("--sequencer.enabled", "--sequencer.l1-confs=0")),
        new("sequencer.alone", "it follows", Warning, "two makers", "leave one", static w => { w.HasFollowed = true; w.Flag("--sequencer.enabled"); }),
        new("sequencer.http", "L1", Failed, "is L1", "--rollup.sequencerhttp", static w => w.SequencerHttp.Answer("eth_chainId", DoctorWorld.Quantity(DoctorWorld.L1Chain))),
        new("sequencer.http", "another chain", Failed, "serves chain 5", "--rollup.sequencerhttp", static w => w.SequencerHttp.Answer("eth_chainId", "\"0x5\"")),
        new("sequencer.http", "an Engine API", Failed, "Engine API", "8545", static w => w.SequencerHttp.AnswerStatus(401, "missing token")),
        new("sequencer.http", "a rollup node", Failed, "is a rollup node", "--rollup.sequencerhttp", static w => { w.SequencerHttp.Forget("eth_chainId"); w.SequencerHttp.Answer("optimism_version", "\"v1\""); }),
        new("sequencer.http", "something else", Failed, "no execution client", "--rollup.sequencerhttp", static w => w.SequencerHttp.Forget("eth_chainId")),
        new("sequencer.http", "down", Failed, "nothing listens there", "start it", static w => w.SequencerHttp.GoDown()),
        new("sequencer.follow-source", "another chain", Failed, "serves chain 5", "--l2.follow.source", static w => w.AsFollower().Followed.Answer("eth_chainId", "\"0x5\"")),
        new("sequencer.follow-source", "another genesis", Failed, "the rollup's first", "--l2.follow.source", static w => w.AsFollower().Followed.Answer("eth_getBlockByNumber", DoctorWorld.Json(w.L2Block(0, time: 1), false))),
        new("sequencer.follow-source", "down", Warning, "nothing listens there", "--l2.follow.source", static w => w.AsFollower().Followed.GoDown()),
    ];

    private static IEnumerable<BadCase> Batches() =>
    [
        new("batches.window", "passed", Failed, "it has passed", "batcher runs", static w => { w.Rollup = w.Rollup with { SequencingWindowSize = 100 }; w.Origin = DoctorWorld.HeadL1 - 150; }),
        new("batches.window", "nearly", Failed, "are lost", "batcher runs", static w => { w.Rollup = w.Rollup with { SequencingWindowSize = 100 }; w.Origin = DoctorWorld.HeadL1 - 95; }),
        new("batches.window", "half", Warning, "60 of 100", "batcher runs", static w => { w.Rollup = w.Rollup with { SequencingWindowSize = 100 }; w.Origin = DoctorWorld.HeadL1 - 60; }),
        new("batches.lag", "an hour", Warning, "1800 blocks", "opal status", static w => { w.SafeNumber = 1; w.UnsafeNumber = 1_801; }),
        new("batches.batcher", "another", Failed, "alone", "setBatcherHash", static w => w.Contract(DoctorWorld.SystemConfigAt, "batcherHash()", s_other.ToUInt256())),
        new("batches.balance", "empty", Failed, "0.0000 ETH", "ether on L1", static w => w.BatcherBalance = UInt256.Zero),
        new("batches.balance", "low", Warning, "0.0100 ETH", "ether on L1", static w => w.BatcherBalance = new UInt256(10_000_000_000_000_000)),
    ];

    private static IEnumerable<BadCase> Nodes() =>
    [
        new("node.rollup", "another", Failed, "L2 chain 8", "--rpc.port", static w => w.Node.Answer("optimism_rollupConfig", JsonText.Of(writer => RollupConfigFile.Write(writer, w.Rollup with { L2ChainId = 8 })))),
        new("node.rollup", "other forks", Warning, "other fork times", "restart it", static w => w.Node.Answer("optimism_rollupConfig", JsonText.Of(writer => RollupConfigFile.Write(writer, w.Rollup with { Forks = w.Rollup.Forks with { Jovian = 5 } })))),
        new("node.halted", "halted", Failed, "no bundle", "restart it", static w => w.AnswerStatus("no bundle", null)),
        new("node.trouble", "L1 away", Warning, "L1 is away", "tries again", static w => w.AnswerStatus(null, "L1 is away")),
        new("node.l1-lag", "200 blocks", Warning, "200 behind", "opal status", static w => w.AnswerSync(DoctorWorld.HeadL1 - 200)),
        new("node.version", "older", Warning, "Opal/v0.0.1", "restart it", static w => w.Node.Answer("optimism_version", "\"Opal/v0.0.1/linux\"")),
    ];

    private static IEnumerable<BadCase> Hosts() =>
    [
        new("host.rpc-port", "taken", Failed, "held by nginx", "--rpc.port", static w => { w.Host.Holder = "nginx (process 7)"; w.Node.GoDown(); }),
        new("host.metrics-port", "taken", Failed, "held by nginx", "--metrics.port", static w => { w.Host.Holder = "nginx (process 7)"; w.Node.GoDown(); }),
        new("host.data-directory", "not writable", Failed, "Permission denied", "--datadir", static w => w.Host.ReadOnly = "/opal"),
        new("host.safe-heads", "not writable", Failed, "Permission denied", "--safedb.path", static w => w.Host.ReadOnly = "safedb"),
        new("host.disk", "full", Failed, "500 MB", "--datadir", static w => w.Host.Disk = 500_000_000),
        new("host.disk", "nearly full", Warning, "5 GB", "make room", static w => w.Host.Disk = 5_000_000_000),
        new("host.memory", "none", Failed, "100 MB", "memory limit", static w => w.Host.FreeMemory = 100_000_000),
        new("host.memory", "little", Warning, "700 MB", "memory limit", static w => w.Host.FreeMemory = 700_000_000),
        new("host.open-files", "few", Failed, "64 files", "LimitNOFILE", static w => w.Host.OpenFileLimit = 64),
        new("host.open-files", "not many", Warning, "512 files", "ulimit", static w => w.Host.OpenFileLimit = 512),
        new("host.processors", "one", Warning, "1 processor", "two", static w => w.Host.Processors = 1),
        new("host.clock", "slow by a minute", Failed, "in the future", "NTP", static w => w.Time.Advance(TimeSpan.FromSeconds(-65))),
        new("host.clock", "slow by ten seconds", Warning, "in the future", "NTP", static w => w.Time.Advance(TimeSpan.FromSeconds(-15))),
        new("host.clock-servers", "a minute off", Failed, "differ by 60 s", "timedatectl", static w => w.Host.ServersAhead = TimeSpan.FromMinutes(1)),
        new("host.clock-servers", "ten seconds off", Warning, "differ by 10 s", "NTP", static w => w.Host.ServersAhead = TimeSpan.FromSeconds(-10)),
    ];

    private static IEnumerable<BadCase> Security() =>
    [
        new("security.admin", "open", Warning, "0.0.0.0", "--rpc.addr=127.0.0.1", static w => w.Flag("--rpc.addr=0.0.0.0", "--rpc.enable-admin")),
        new("security.metrics", "open", Warning, "0.0.0.0", "--metrics.addr=127.0.0.1", static w => w.Flag("--metrics.addr=0.0.0.0")),
        new("security.plain-http", "a provider by name", Warning, "--l1", "https", static w => w.Without("l1").Flag("--l1=http://eth.example.com/v2/key")),
        new("security.plain-http", "an engine by address", Warning, "--l2", "https", static w => w.Flag("--l2=http://203.0.113.9:8551")),
        new("security.command-line", "a secret", Warning, "--l2.jwt-secret-value", "OP_NODE_L2_ENGINE_AUTH_RAW", static w => w.Flag("--l2.jwt-secret-value=" + new string('a', 64))),
        new("security.trusted-l1", "a provider", Warning, "eth.example.com", "leave --l1.trustrpc out", static w => w.Without("l1").Flag("--l1=https://eth.example.com", "--l1.trustrpc")),
        new("flags.effect", "a dead flag", Warning, "--heartbeat.enabled", "leave it out", static w => w.Flag("--heartbeat.enabled")),
    ];
}
