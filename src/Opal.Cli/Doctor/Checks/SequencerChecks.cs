using Opal.Cli.Node;
using Opal.Deployer;
using Opal.Deployer.Keys;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Cli.Doctor.CheckNeeds;
using static Opal.Cli.Doctor.CheckResult;

namespace Opal.Cli.Doctor.Checks;

/// <summary>Making blocks, or following who makes them.</summary>
internal static class SequencerChecks
{
    private const string NotSequencing = "this node makes no blocks (--sequencer.enabled)";

    public static IEnumerable<Check> All =>
    [
        new("sequencer.key", "a sequencer has the key that signs its blocks", CheckStatus.Warning, None, Key),
        new("sequencer.signer", "the key is the one that L1 names as unsafeBlockSigner", CheckStatus.Failed, Contracts, SignerAsync),
        new("sequencer.start", "a sequencer that begins stopped can be started", CheckStatus.Failed, None, Start),
        new("sequencer.admin-state", "--rpc.admin-state can be read and written", CheckStatus.Failed, None, AdminState),
        new("sequencer.l1-confs", "--sequencer.l1-confs fits L1 and the sequencer drift", CheckStatus.Failed, Rollup, L1ConfirmationsAsync),
        new("sequencer.alone", "a sequencer follows nobody else's blocks", CheckStatus.Warning, None, Alone),
        new("sequencer.http", "--rollup.sequencerhttp leads to an execution client of this L2", CheckStatus.Failed, Rollup, HttpAsync),
        new("sequencer.follow-source", "--l2.follow.source leads to an execution client of this L2", CheckStatus.Failed, Rollup, FollowSourceAsync) { IsFatal = true },
    ];

    private static CheckResult Key(Examined x)
    {
        if (!x.Values.Bool("sequencer.enabled")) return NotChecked(NotSequencing);
        if (x.Values.Bool("p2p.disable")) return NotChecked("there is no peer-to-peer network (--p2p.disable)");
        return x.Given("p2p.sequencer.key") is not null ? Ok("given")
            : Warning("no key is given: other nodes take no unsafe blocks from this sequencer, and see them once they are on L1", "give the key of L1's unsafeBlockSigner with --p2p.sequencer.key, or say --p2p.disable");
    }

    private static async Task<CheckResult> SignerAsync(Examined x, CancellationToken cancellation)
    {
        if (x.Given("p2p.sequencer.key") is not { } text) return NotChecked("--p2p.sequencer.key is not given");
        if ((await x.SystemConfigAsync(cancellation))["unsafeBlockSigner()"] is not { } word) return NotChecked("this SystemConfig has no unsafeBlockSigner()");
        var wanted = Address.FromUInt256(word);
        const string fix = "give the key of that address with --p2p.sequencer.key, or have the owner set the signer with SystemConfig.setUnsafeBlockSigner";
        string path = NodeSettings.Expand(text);
        string digits = File.Exists(path) ? (await File.ReadAllTextAsync(path, cancellation)).Trim() : text;
        if (!Hex.TryDecode(digits, out byte[] bytes) || bytes.Length != 32) return Failed("--p2p.sequencer.key is no private key: 64 hexadecimal digits", fix);
        try
        {
            Address own = new WalletKey(bytes).Address;
            return own == wanted ? Ok(own.ToChecksumString())
                : Failed($"the key is that of {own.ToChecksumString()}, and L1 names {wanted.ToChecksumString()}: other nodes refuse its blocks", fix);
        }
        catch (DeployerException error)
        {
            return Failed($"--p2p.sequencer.key: {error.Message}", fix);
        }
    }

    private static CheckResult Start(Examined x)
    {
        if (!x.Values.Bool("sequencer.enabled")) return x.Values.Bool("sequencer.stopped")
            ? Warning("--sequencer.stopped means nothing without --sequencer.enabled", "add --sequencer.enabled, or leave it out")
            : NotChecked(NotSequencing);
        if (!x.Values.Bool("sequencer.stopped")) return Ok("making blocks begins at once");
        return x.Values.Bool("rpc.enable-admin") ? Ok("begun by admin_startSequencer")
            : Failed("--sequencer.stopped, and no admin RPC to start it by", "add --rpc.enable-admin, or leave --sequencer.stopped out");
    }

    private static CheckResult AdminState(Examined x)
    {
        if (x.Given("rpc.admin-state") is not { } given) return NotChecked("--rpc.admin-state is not given");
        string path = NodeSettings.Expand(given);
        const string fix = "correct --rpc.admin-state, or give this user the right to write there";
        try
        {
            bool? started = new AdminStateFile(path).Read();
            return x.Host.WriteFault(path) is { } fault ? Failed($"it cannot be written: {fault}", fix)
                : Ok(started switch { null => "nothing is kept yet", true => "started", false => "stopped: it stays so after a restart" });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Failed(error.Message, fix);
        }
    }

    private static async Task<CheckResult> L1ConfirmationsAsync(Examined x, CancellationToken cancellation)
    {
        if (!x.Values.Bool("sequencer.enabled")) return NotChecked(NotSequencing);
        ulong kept = x.Values.Number("sequencer.l1-confs"), slot = await x.L1SlotSecondsAsync(cancellation);
        ulong drift = x.Rollup.Forks.IsActive(OptimismFork.Fjord, x.Now) ? x.Rollup.MaxSequencerDriftFjordSeconds : x.Rollup.MaxSequencerDriftSeconds;
        if (kept > drift / slot)
            return Failed($"--sequencer.l1-confs={kept} is {DoctorText.Time(kept * slot)} of L1, and the sequencer drift allows {DoctorText.Time(drift)}: no block could be made",
                "set it to a few blocks; 4 is usual");
        return kept == 0 && !x.IsDevnet
            ? Warning("--sequencer.l1-confs=0: every reorganisation of L1's head takes L2 blocks with it", "keep a few L1 blocks back; 4 is usual")
            : Ok($"{kept} L1 blocks are kept back");
    }

    private static CheckResult Alone(Examined x)
    {
        if (!x.Values.Bool("sequencer.enabled")) return NotChecked(NotSequencing);
        return x.To.Followed is null ? Ok("it follows nobody")
            : Warning("--sequencer.enabled and --l2.follow.source: two makers of blocks could take turns in the engine", "leave one of them out; a standby has --sequencer.stopped, and is started once the other has ended");
    }

    private static async Task<CheckResult> HttpAsync(Examined x, CancellationToken cancellation)
    {
        if (x.To.SequencerHttp is not { } rpc) return NotChecked("--rollup.sequencerhttp is not given");
        const string fix = "give the sequencer's execution client's plain JSON-RPC (usually port 8545) as --rollup.sequencerhttp";
        try
        {
            ulong chain = await new EthClient(rpc).ChainIdAsync(cancellation);
            if (chain == x.Rollup.L1ChainId) return Failed($"{rpc.Endpoint} is L1: users' transactions would be sent there", fix);
            if (chain != x.Rollup.L2ChainId) return Failed($"{rpc.Endpoint} serves chain {chain}, and the L2 is chain {x.Rollup.L2ChainId}", fix);
            bool isOwn = !x.Values.Bool("sequencer.enabled") && (x.To.Eth?.Endpoint == rpc.Endpoint);
            return isOwn ? Warning($"{rpc.Endpoint} is this node's own execution client: it would hand transactions on to itself", fix) : Ok(rpc.Endpoint);
        }
        catch (RpcTransportException error) when (error.StatusCode is 401 or 403)
        {
            return Failed($"{rpc.Endpoint} asks for a token: it is an Engine API, not the plain JSON-RPC", fix);
        }
        catch (RpcTransportException error)
        {
            return Failed(error.Message, $"start it, or {fix}");
        }
        catch (RpcCallException)
        {
            return Failed(await IsRollupNodeAsync(rpc, cancellation) ? $"{rpc.Endpoint} is a rollup node, which takes no transactions" : $"{rpc.Endpoint} is no execution client: it has no eth_chainId",
                fix);
        }
    }

    private static async Task<bool> IsRollupNodeAsync(IRpcClient rpc, CancellationToken cancellation)
    {
        try
        {
            await new RollupNodeClient(rpc).VersionAsync(cancellation);
            return true;
        }
        catch (Exception error) when (error is RpcCallException or RpcTransportException)
        {
            return false;
        }
    }

    private static async Task<CheckResult> FollowSourceAsync(Examined x, CancellationToken cancellation)
    {
        if (x.To.Followed is not { } rpc) return NotChecked("--l2.follow.source is not given");
        const string fix = "give the plain JSON-RPC of an execution client of this L2 with --l2.follow.source";
        var source = new EthClient(rpc, trusted: true);
        ulong chain;
        try
        {
            chain = await source.ChainIdAsync(cancellation);
        }
        catch (RpcTransportException error) when (error.IsTransient)
        {
            return Warning($"{error.Message}; unsafe blocks wait for it", $"start it, or {fix}"); // the node asks again
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            return Failed(error.Message, fix);
        }

        if (chain != x.Rollup.L2ChainId)
            return Failed($"{rpc.Endpoint} serves chain {chain}, but the rollup's L2 is chain {x.Rollup.L2ChainId}: wrong URL, or wrong rollup configuration",
                fix);
        BlockHeader? first = await source.FindHeaderAsync(BlockParameter.At(x.Rollup.GenesisL2.Number), cancellation);
        return first is { } && first.Hash != x.Rollup.GenesisL2.Hash
            ? Failed($"{rpc.Endpoint} has {first.Hash} as block {first.Number}, and the rollup's first is {x.Rollup.GenesisL2.Hash}", fix)
            : Ok(rpc.Endpoint);
    }
}
