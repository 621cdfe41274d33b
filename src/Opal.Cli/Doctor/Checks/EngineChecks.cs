using Opal.Cli.Node;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Protocol;
using static Opal.Cli.Doctor.CheckNeeds;
using static Opal.Cli.Doctor.CheckResult;

namespace Opal.Cli.Doctor.Checks;

/// <summary>The execution client, over the Engine API.</summary>
internal static class EngineChecks
{
    private const string SameGenesis = "the execution client was initialised with another genesis, or rollup.json is of another deployment: initialise it with the genesis.json that belongs to this rollup.json";

    public static IEnumerable<Check> All =>
    [
        new("engine.jwt-file", "the JWT secret is there, 64 hexadecimal digits", CheckStatus.Failed, None, JwtFile),
        new("engine.jwt-mode", "only its owner can read the secret", CheckStatus.Warning, None, JwtMode),
        new("engine.reachable", "the engine answers", CheckStatus.Failed, None, ReachableAsync),
        new("engine.host", "it answers by the host name in --l2", CheckStatus.Failed, None, HostAsync),
        new("engine.jwt-accepted", "it takes a token made with the secret", CheckStatus.Failed, None, JwtAcceptedAsync) { IsFatal = true },
        new("engine.chain-id", "it serves the rollup's L2", CheckStatus.Failed, Rollup | Engine, ChainIdAsync) { IsFatal = true },
        new("engine.genesis", "its first block is the rollup's", CheckStatus.Failed, Rollup | Engine, GenesisAsync) { IsFatal = true },
        new("engine.capabilities", "it has the Engine API's methods that the forks need", CheckStatus.Failed, Rollup | Engine, CapabilitiesAsync),
        new("engine.client", "it is known what client it is", CheckStatus.Warning, Engine, ClientAsync),
        new("engine.fork-times", "its fork times are rollup.json's", CheckStatus.Failed, Rollup | Engine, EngineForkTimes.CheckAsync) { IsFatal = true },
        new("engine.syncing", "it is not syncing", CheckStatus.Warning, Engine, SyncingAsync),
        new("engine.head", "its newest block is one of this rollup, at its time", CheckStatus.Failed, Rollup | Engine, HeadAsync),
        new("engine.heads", "finalized, safe and newest block are in order", CheckStatus.Failed, Rollup | Engine, HeadsAsync),
        new("engine.l1-origin", "the safe block's L1 origin is on L1", CheckStatus.Failed, Rollup | L1 | Engine, L1OriginAsync),
        new("engine.head-age", "its newest block is fresh", CheckStatus.Warning, Rollup | Engine, HeadAgeAsync),
        new("engine.latency", "it answers fast", CheckStatus.Warning, Engine, LatencyAsync),
        new("engine.plain-rpc", "the plain JSON-RPC in --l2.eth is the same client", CheckStatus.Failed, Rollup, PlainRpcAsync),
    ];

    private static string? JwtFault(Examined x, out string path)
    {
        path = x.Given("l2.jwt-secret") is { } given ? NodeSettings.Expand(given) : "";
        if (x.Given("l2.jwt-secret-value") is { } text) return Opal.Primitives.Hex.TryDecode(text, out byte[] secret) && secret.Length == 32 ? null
            : "--l2.jwt-secret-value is not 64 hexadecimal digits";
        if (path.Length == 0) return "no secret is given";
        try
        {
            JwtSecretFile.Read(path);
            return null;
        }
        catch (ConfigFileException error)
        {
            return error.Message;
        }
    }

    private static CheckResult JwtFile(Examined x) => JwtFault(x, out string path) is { } fault
        ? Failed(fault, "give the file that the execution client has as --authrpc.jwtsecret: --l2.jwt-secret=jwt.txt ('openssl rand -hex 32 > jwt.txt' makes one for both)")
        : Ok(path.Length > 0 ? path : "given as a value");

    private static CheckResult JwtMode(Examined x)
    {
        if (x.Given("l2.jwt-secret-value") is not null) return NotChecked("the secret is given as a value (security.command-line)");
        if (x.Given("l2.jwt-secret") is not { } given || !File.Exists(NodeSettings.Expand(given))) return NotChecked("there is no secret file (engine.jwt-file)");
        string path = NodeSettings.Expand(given);
        UnixFileMode mode = File.GetUnixFileMode(path);
        return (mode & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite)) == 0 ? Ok($"mode {Convert.ToString((int)mode, 8)}")
            : Warning($"{path} has mode {Convert.ToString((int)mode, 8)}: every user of this machine can drive the engine", $"chmod 600 {path}");
    }

    private static async Task<CheckResult> ReachableAsync(Examined x, CancellationToken cancellation)
    {
        EngineContact contact = await x.EngineAsync(cancellation);
        return contact.Answer switch
        {
            EngineAnswer.Nothing => Failed(contact.Problem,
                "start the execution client with its Engine API (--authrpc.addr, --authrpc.port, usually 8551), or correct --l2"),
            EngineAnswer.Other => Failed(contact.Problem, "this is no Engine API: give its URL, usually port 8551, with --l2"),
            _ => Ok(x.To.Engine.Endpoint),
        };
    }

    private static async Task<CheckResult> HostAsync(Examined x, CancellationToken cancellation)
    {
        EngineContact contact = await x.EngineAsync(cancellation);
        if (contact.Answer == EngineAnswer.WrongHost)
            return Failed(contact.Problem,
                "allow this name on the execution client (--authrpc.vhosts=NAME, or \"*\"), or write its IP address into --l2");
        return contact.Answer == EngineAnswer.Nothing ? NotChecked("the engine does not answer (engine.reachable)") : Ok("it answers by this name");
    }

    private static async Task<CheckResult> JwtAcceptedAsync(Examined x, CancellationToken cancellation)
    {
        if (JwtFault(x, out _) is not null) return NotChecked("there is no usable secret (engine.jwt-file)");
        EngineContact contact = await x.EngineAsync(cancellation);
        if (contact.Answer != EngineAnswer.WrongToken) return contact.Answer == EngineAnswer.ChainId ? Ok("the token is taken")
            : NotChecked("the engine does not answer (engine.reachable)");
        bool isClock = contact.Problem.Contains("stale", StringComparison.OrdinalIgnoreCase) || contact.Problem.Contains("future", StringComparison.OrdinalIgnoreCase) || contact.Problem.Contains("iat", StringComparison.Ordinal);
        return Failed(contact.Problem, isClock
            ? "the two machines' clocks differ by more than a token lives (60 s): set both by NTP"
            : "give both programs the same file: --l2.jwt-secret here, --authrpc.jwtsecret there; restart the execution client after a change");
    }

    private static async Task<CheckResult> ChainIdAsync(Examined x, CancellationToken cancellation)
    {
        ulong chain = (await x.EngineAsync(cancellation)).ChainId;
        if (chain == x.Rollup.L2ChainId) return Ok($"chain {chain}");
        string what = chain == x.Rollup.L1ChainId ? "L1" : $"chain {chain}";
        return Failed($"{x.To.Engine.Endpoint} serves {what}, but the rollup's L2 is chain {x.Rollup.L2ChainId}: wrong URL, or wrong rollup configuration",
            "correct --l2, or --rollup.config");
    }

    private static async Task<CheckResult> GenesisAsync(Examined x, CancellationToken cancellation)
    {
        BlockId wanted = x.Rollup.GenesisL2;
        BlockHeader? header = await new EthClient(x.To.Engine, trusted: true).FindHeaderAsync(BlockParameter.At(wanted.Number), cancellation);
        if (header is null)
            return Warning($"the engine does not have block {wanted.Number}, the rollup's first",
                "let it sync; a chain that began before Bedrock needs the migrated data directory");
        return header.Hash == wanted.Hash ? Ok($"block {wanted.Number} is {wanted.Hash}")
            : Failed($"the engine's block {wanted.Number} is {header.Hash}, and rollup.json says {wanted.Hash}", SameGenesis);
    }

    private static async Task<CheckResult> CapabilitiesAsync(Examined x, CancellationToken cancellation)
    {
        string[] has;
        try
        {
            has = await x.CapabilitiesAsync(cancellation);
        }
        catch (RpcCallException error) when (error.Error.Code == RpcErrorCode.MethodNotFound)
        {
            return Failed($"{x.To.Engine.Endpoint} serves no engine_* methods",
                "--l2 leads to the plain JSON-RPC (usually 8545): give the Engine API's port (--authrpc.port, usually 8551)");
        }

        (OptimismFork active, OptimismFork? next) = x.ForksNow();
        string[] missing = Missing(has, EngineVersions.At(x.Rollup.Forks, x.Now));
        if (missing.Length > 0)
            return Failed($"the engine lacks {string.Join(", ", missing)}, which {active} needs",
                "update the execution client to a release that supports the fork");
        if (next is not { } coming) return Ok($"all that {active} needs");
        missing = Missing(has, EngineVersions.At(x.Rollup.Forks, x.Rollup.Forks.Of(coming)!.Value));
        return missing.Length == 0 ? Ok($"all that {active} and {coming} need")
            : Warning($"the engine lacks {string.Join(", ", missing)}, which {coming} needs at {DoctorText.At(x.Rollup.Forks.Of(coming)!.Value)}", "update the execution client before then");
    }

    private static string[] Missing(string[] has, EngineVersions needed) =>
        [.. new[] { $"engine_forkchoiceUpdatedV{needed.ForkchoiceUpdated}", $"engine_newPayloadV{needed.NewPayload}", $"engine_getPayloadV{needed.GetPayload}" }.Except(has)];

    private static async Task<CheckResult> ClientAsync(Examined x, CancellationToken cancellation)
    {
        foreach (Func<Task<string>> ask in new Func<Task<string>>[] { () => EngineVersionAsync(x, cancellation), () => new EthClient(x.To.Engine).ClientVersionAsync(cancellation) })
        {
            try
            {
                return Ok(await ask());
            }
            catch (RpcCallException)
            {
                // the other way
            }
        }

        return x.To.Eth is { } eth ? Ok(await new EthClient(eth).ClientVersionAsync(cancellation))
            : Warning("it does not say", "give its plain JSON-RPC with --l2.eth, and compare its release with the forks' requirements");
    }

    private static Task<string> EngineVersionAsync(Examined x, CancellationToken cancellation) => x.To.Engine.CallAsync("engine_getClientVersionV1", static writer =>
    {
        writer.WriteStartObject();
        foreach ((string key, string value) in new[] { ("code", "OP"), ("name", "opal"), ("version", Geth.VersionText.Version), ("commit", "0x00000000") }) writer.WriteString(key, value);
        writer.WriteEndObject();
    }, static value => value.Count == 0 ? throw value.Fault("expected a client") : string.Join(", ", value.AsArray(static v => $"{v["name"].AsString()} {v["version"].AsString()}")), cancellation);

    private static async Task<CheckResult> SyncingAsync(Examined x, CancellationToken cancellation) => await new EthClient(x.To.Engine).IsSyncingAsync(cancellation)
        ? Warning("the engine is syncing: it takes no blocks to build yet", "wait; with --syncmode=execution-layer this is how it begins") : Ok("in sync");

    private static async Task<CheckResult> HeadAsync(Examined x, CancellationToken cancellation)
    {
        L2Head head = await x.UnsafeAsItIsAsync(cancellation);
        if (head.Fault is { } fault) return Failed(fault, SameGenesis);
        if (head.Header.Number < x.Rollup.GenesisL2.Number)
            return Failed($"the engine is at block {head.Header.Number}, below the rollup's first, {x.Rollup.GenesisL2.Number}",
                SameGenesis);
        ulong due = x.Rollup.TimeOf(head.Header.Number).Seconds;
        return head.Header.Timestamp == due ? Ok($"block {head.Header.Number}, {head.Header.Hash}")
            : Failed($"block {head.Header.Number} has the time {head.Header.Timestamp}, and by block_time and genesis.l2_time it is {due}", "rollup.json is of another deployment, or was changed: take the one the chain was made with (--rollup.config)");
    }

    private static async Task<CheckResult> HeadsAsync(Examined x, CancellationToken cancellation)
    {
        ulong newest = (await x.UnsafeAsItIsAsync(cancellation)).Header.Number;
        ulong? safe = (await x.SafeAsync(cancellation))?.Header.Number, final = (await x.FinalizedAsync(cancellation))?.Header.Number;
        const string fix = "restart the execution client; if it stays so, its database is damaged: set it back with debug_setHead, or sync it anew";
        if (safe > newest) return Failed($"its safe block {safe} is above its newest, {newest}", fix);
        if (final > (safe ?? newest)) return Failed($"its finalized block {final} is above its {(safe is null ? "newest" : "safe")} block, {safe ?? newest}", fix);
        return Ok($"newest {newest}, safe {Text(safe)}, finalized {Text(final)}");

        static string Text(ulong? number) => number is { } known ? $"{known}" : "none yet";
    }

    private static async Task<CheckResult> L1OriginAsync(Examined x, CancellationToken cancellation)
    {
        BlockId origin = await x.SafeOriginAsync(cancellation);
        if (await (await x.L1Async(cancellation)).FindHeaderAsync(BlockParameter.At(origin.Number), cancellation) is not { } header)
        {
            ulong head = (await x.L1HeadAsync(cancellation)).Number;
            return Warning($"L1 block {origin.Number}, the safe block's origin, is not there; L1 is at {head}",
                head < origin.Number ? "L1 is behind the chain it carries: wait until it has synced" : "the provider has pruned it (l1.history)");
        }

        return header.Hash == origin.Hash ? Ok($"L1 block {origin.Number}")
            : Failed($"the safe block's origin is L1 block {origin.Number} {origin.Hash}, and L1 has {header.Hash} there", "if L1 has just been reorganised the node follows it; else this engine's chain was made on another L1: correct --l1, or give the engine an empty data directory");
    }

    private static async Task<CheckResult> HeadAgeAsync(Examined x, CancellationToken cancellation)
    {
        L2Head head = await x.UnsafeAsync(cancellation);
        ulong age = DoctorText.Since(head.Header.Timestamp, x.Now), allowed = 60 + (10 * x.Rollup.BlockTimeSeconds);
        string text = $"block {head.Header.Number} is {DoctorText.Time(age)} old";
        return age <= allowed ? Ok(text)
            : Warning(text, x.Values.Bool("sequencer.enabled") ? "the sequencer does not run, or is held up: 'opal status' says by what" : "it is catching up, or nothing brings it new blocks: 'opal status' says; --l2.follow.source follows another client");
    }

    private static async Task<CheckResult> LatencyAsync(Examined x, CancellationToken cancellation)
    {
        long from = x.Clock.GetTimestamp();
        const int calls = 3;
        for (int i = 0; i < calls; i++) await new EthClient(x.To.Engine).BlockNumberAsync(cancellation);
        double each = x.Clock.GetElapsedTime(from).TotalMilliseconds / calls;
        return each < 100 ? Ok($"{each:0} ms a call")
            : Warning($"{each:0} ms a call: every block takes several", "run the execution client on the same machine, or in the same network; see what keeps it busy");
    }

    private static async Task<CheckResult> PlainRpcAsync(Examined x, CancellationToken cancellation)
    {
        if (x.To.Eth is not { } rpc) return NotChecked("--l2.eth is not given");
        var eth = new EthClient(rpc, trusted: true);
        const string fix = "give the plain JSON-RPC (usually port 8545) of the client in --l2 with --l2.eth";
        try
        {
            ulong chain = await eth.ChainIdAsync(cancellation);
            if (chain != x.Rollup.L2ChainId) return Failed($"{rpc.Endpoint} serves chain {chain}, not {x.Rollup.L2ChainId}", fix);
            BlockHeader? first = await eth.FindHeaderAsync(BlockParameter.At(x.Rollup.GenesisL2.Number), cancellation);
            return first is { } && first.Hash != x.Rollup.GenesisL2.Hash
                ? Failed($"{rpc.Endpoint} has another block {first.Number} than the rollup", fix)
                : Ok(rpc.Endpoint);
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            return Failed(error.Message, fix);
        }
    }
}
