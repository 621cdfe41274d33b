using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.Doctor;

internal sealed partial class Examined
{
    /// <summary>What the SystemConfig contract is asked; older ones lack some.</summary>
    private static readonly string[] SystemConfigGetters =
    [
        "batcherHash()", "scalar()", "gasLimit()", "minimumGasLimit()", "eip1559Denominator()", "eip1559Elasticity()", "operatorFeeScalar()", "operatorFeeConstant()", "minBaseFee()",
        "daFootprintGasScalar()", "unsafeBlockSigner()", "batchInbox()", "optimismPortal()", "startBlock()", "l2ChainId()", "disputeGameFactory()",
    ];

    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    private readonly Fact<EthClient> _l1;
    private readonly Fact<BlockHeader> _l1Head;
    private readonly Fact<BlockHeader?> _l1Genesis;
    private readonly Fact<Dictionary<string, UInt256?>> _systemConfig;
    private readonly Fact<Dictionary<string, UInt256?>> _portal;
    private readonly Fact<EngineContact> _engine;
    private readonly Fact<L2Head?> _unsafe, _safe, _finalized;
    private readonly Fact<BeaconSpec> _beaconSpec;
    private readonly Fact<ulong> _slot;
    private readonly Fact<string> _node;
    private readonly Fact<string[]> _capabilities;

    /// <summary>The first L1 provider that answers; its blocks are checked against their hashes.</summary>
    /// <exception cref="NotCheckedException">None does.</exception>
    public Task<EthClient> L1Async(CancellationToken cancellation) => _l1.GetAsync(cancellation);

    /// <summary>L1's newest block.</summary>
    public Task<BlockHeader> L1HeadAsync(CancellationToken cancellation) => _l1Head.GetAsync(cancellation);

    /// <summary>The L1 block with the number at which the rollup begins; null where L1 does not have it.</summary>
    public Task<BlockHeader?> L1GenesisAsync(CancellationToken cancellation) => _l1Genesis.GetAsync(cancellation);

    /// <summary>The SystemConfig's values by getter; null where it has no such getter.</summary>
    public Task<Dictionary<string, UInt256?>> SystemConfigAsync(CancellationToken cancellation) => _systemConfig.GetAsync(cancellation);

    /// <summary>The portal's values by getter; null where it has no such getter.</summary>
    public Task<Dictionary<string, UInt256?>> PortalAsync(CancellationToken cancellation) => _portal.GetAsync(cancellation);

    /// <summary>How the engine answers.</summary>
    public Task<EngineContact> EngineAsync(CancellationToken cancellation) => _engine.GetAsync(cancellation);

    /// <summary>The engine's newest block.</summary>
    /// <exception cref="NotCheckedException">It has none, or one of another rollup.</exception>
    public async Task<L2Head> UnsafeAsync(CancellationToken cancellation) => Usable(await UnsafeAsItIsAsync(cancellation));

    /// <summary>The engine's newest block, whatever rollup it is of.</summary>
    /// <exception cref="NotCheckedException">It has none.</exception>
    public async Task<L2Head> UnsafeAsItIsAsync(CancellationToken cancellation) => await _unsafe.GetAsync(cancellation) ?? throw new NotCheckedException("the engine has no head");

    /// <summary>The engine's safe block; null where it has none yet.</summary>
    /// <exception cref="NotCheckedException">It is another rollup's.</exception>
    public async Task<L2Head?> SafeAsync(CancellationToken cancellation) => await _safe.GetAsync(cancellation) is { } head ? Usable(head) : null;

    /// <summary>The engine's finalized block; null where it has none yet.</summary>
    public Task<L2Head?> FinalizedAsync(CancellationToken cancellation) => _finalized.GetAsync(cancellation);

    /// <summary>Where derivation goes on: the safe head's L1 origin, or the rollup's first L1 block.</summary>
    public async Task<BlockId> SafeOriginAsync(CancellationToken cancellation) => await SafeAsync(cancellation) is { } safe ? safe.Reference.L1Origin : Rollup.GenesisL1;

    /// <summary>The Beacon API.</summary>
    /// <exception cref="NotCheckedException">None is given.</exception>
    public BeaconClient Beacon => To.Beacon ?? throw new NotCheckedException("no Beacon API is given (beacon.given)");

    /// <summary>The beacon chain's constants.</summary>
    public Task<BeaconSpec> BeaconSpecAsync(CancellationToken cancellation) => _beaconSpec.GetAsync(cancellation);

    /// <summary>The version of the rollup node that runs at the flags' RPC address.</summary>
    public Task<string> NodeVersionAsync(CancellationToken cancellation) => _node.GetAsync(cancellation);

    /// <summary>The methods of the engine.</summary>
    public Task<string[]> CapabilitiesAsync(CancellationToken cancellation) => _capabilities.GetAsync(cancellation);

    /// <summary>Seconds between two L1 blocks: what public L1s have, the beacon chain's slot, or what L1's last blocks show; 12 where nothing is known.</summary>
    public Task<ulong> L1SlotSecondsAsync(CancellationToken cancellation) => _slot.GetAsync(cancellation);

    private async Task<ulong> FindSlotAsync(CancellationToken stop)
    {
        const ulong usual = 12, sample = 16;
        if (BlobSchedule.TryGetKnown(Rollup.L1ChainId, out _)) return usual;
        try
        {
            if (To.Beacon is not null && (await BeaconSpecAsync(stop)).SecondsPerSlot is > 0 and var slot) return slot;
        }
        catch (RpcTransportException)
        {
            // beacon.reachable says why
        }

        try
        {
            BlockHeader head = await L1HeadAsync(stop);
            ulong back = Math.Min(sample, head.Number);
            if (back > 0 && await (await L1Async(stop)).FindHeaderAsync(BlockParameter.At(head.Number - back), stop) is { } earlier) return Math.Max(1, (head.Timestamp - earlier.Timestamp) / back);
        }
        catch (Exception error) when (error is NotCheckedException or RpcTransportException or RpcCallException)
        {
            // l1.reachable says why
        }

        return usual;
    }

    private static L2Head Usable(L2Head head) => head.Fault is null ? head : throw new NotCheckedException("the engine's blocks are not this rollup's (engine.head)");

    /// <summary>What each L1 provider says of its chain, in the order of the flag: the chain id, or why there is none. All are asked at the same time.</summary>
    public async Task<IReadOnlyList<(ulong? Chain, string Problem)>> AskL1Async(CancellationToken cancellation) =>
        await Task.WhenAll(_l1Chains.Select(fact => AnswerAsync(fact, cancellation)));

    private static async Task<(ulong? Chain, string Problem)> AnswerAsync(Fact<ulong> fact, CancellationToken cancellation)
    {
        try
        {
            return (await fact.GetAsync(cancellation), "");
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            return (null, error.Message);
        }
    }

    /// <summary>The first provider, or another that answers while the first is silent: the checks of L1 must not wait for a dead one.</summary>
    private async Task<EthClient> FindL1Async(CancellationToken stop)
    {
        List<Task<(ulong? Chain, string Problem)>> asked = [.. _l1Chains.Select(fact => AnswerAsync(fact, stop))];
        var left = new List<Task>(asked);
        await Task.WhenAny(asked[0], Task.Delay(s_patience, stop));
        while (left.Count > 0)
        {
            int answered = asked.FindIndex(static task => task.IsCompletedSuccessfully && task.Result.Chain is not null);
            if (answered >= 0) return new EthClient(To.L1[answered], Values.Bool("l1.trustrpc"));
            left.Remove(await Task.WhenAny(left));
        }

        int last = asked.FindIndex(static task => task.IsCompletedSuccessfully && task.Result.Chain is not null);
        return last >= 0 ? new EthClient(To.L1[last], Values.Bool("l1.trustrpc")) : throw new NotCheckedException("L1 does not answer (l1.reachable)");
    }

    private async Task<EngineContact> ContactEngineAsync(CancellationToken stop)
    {
        try
        {
            return new EngineContact(EngineAnswer.ChainId, await new EthClient(To.Engine, trusted: true).ChainIdAsync(stop), "");
        }
        catch (RpcTransportException error)
        {
            bool isHost = error.StatusCode is 403 or 421 && error.Message.Contains("host", StringComparison.OrdinalIgnoreCase) && !error.Message.Contains("token", StringComparison.OrdinalIgnoreCase);
            EngineAnswer answer = error.StatusCode switch
            {
                null => error.IsTransient ? EngineAnswer.Nothing : EngineAnswer.Other,
                _ when isHost => EngineAnswer.WrongHost,
                401 or 403 => EngineAnswer.WrongToken,
                _ => EngineAnswer.Other,
            };
            return new EngineContact(answer, 0, error.Message.Split("; do both sides")[0]);
        }
        catch (RpcCallException error)
        {
            return new EngineContact(EngineAnswer.Other, 0, error.Message);
        }
    }

    private async Task<L2Head?> HeadAsync(BlockParameter label, CancellationToken stop)
    {
        Block? block;
        try
        {
            block = await new EthClient(To.Engine, trusted: true).FindBlockAsync(label, stop);
        }
        catch (RpcCallException) when (label.Kind is BlockParameterKind.Safe or BlockParameterKind.Finalized)
        {
            return null; // clients whose chain is young answer so
        }

        if (block is null) return null;
        return new L2Head(block.Header, L2References.TryCreate(block, Rollup, out L2BlockRef reference, out string? fault) ? reference : default, fault);
    }
}
