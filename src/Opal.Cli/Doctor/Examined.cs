using Opal.Cli.Flags;
using Opal.Cli.Node;
using Opal.Deployer;
using Opal.Deployer.L1;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.Doctor;

/// <summary>The node under examination: its flags and files, what it connects to, and the facts that several checks share.</summary>
internal sealed partial class Examined : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly RollupConfig? _rollup;
    private readonly IReadOnlyList<Fact<ulong>> _l1Chains;

    /// <param name="values">The flags.</param>
    /// <param name="connections">What they lead to.</param>
    /// <param name="host">The machine.</param>
    /// <param name="time">The clock.</param>
    /// <param name="rollup">The rollup, where it was read already; null reads it from the flags.</param>
    /// <exception cref="FlagException">Neither or both sources of the rollup are given.</exception>
    public Examined(FlagValues values, DoctorConnections connections, IHostView host, TimeProvider time, RollupConfig? rollup = null)
    {
        (Values, To, Host, Clock) = (values, connections, host, time);
        try
        {
            _rollup = rollup ?? RollupSource.Read(values);
        }
        catch (Exception error) when (error is ConfigFileException or NodeException || error is FlagException && error.Message.StartsWith("--override", StringComparison.Ordinal))
        {
            RollupFault = error.Message;
        }

        _l1Chains = [.. connections.L1.Select(client => new Fact<ulong>(stop => new EthClient(client).ChainIdAsync(stop), _ended.Token))];
        _l1 = Make(FindL1Async);
        _l1Head = Make(async stop => await (await L1Async(stop)).FindHeaderAsync(BlockParameter.Latest, stop) ?? throw new NotCheckedException("L1 has no head"));
        _l1Genesis = Make(async stop => await (await L1Async(stop)).FindHeaderAsync(BlockParameter.At(Rollup.GenesisL1.Number), stop));
        _systemConfig = Make(async stop => await L1Contract.ReadAsync((await L1Async(stop)).Rpc, Rollup.L1SystemConfigAddress, stop, SystemConfigGetters));
        _portal = Make(async stop => await L1Contract.ReadAsync((await L1Async(stop)).Rpc, Rollup.DepositContractAddress, stop, "l2Oracle()", "disputeGameFactory()", "respectedGameType()", "paused()"));
        _engine = Make(ContactEngineAsync);
        _unsafe = Make(stop => HeadAsync(BlockParameter.Latest, stop));
        _safe = Make(stop => HeadAsync(BlockParameter.Safe, stop));
        _finalized = Make(stop => HeadAsync(BlockParameter.Finalized, stop));
        _beaconSpec = Make(stop => Beacon.SpecAsync(stop));
        _slot = Make(FindSlotAsync);
        _node = Make(stop => new RollupNodeClient(To.Node).VersionAsync(stop));
        _capabilities = Make(stop => new EngineClient(To.Engine, Rollup.Forks).ExchangeCapabilitiesAsync(stop));
    }

    private Fact<T> Make<T>(Func<CancellationToken, Task<T>> read) => new(read, _ended.Token);

    /// <summary>The flags.</summary>
    public FlagValues Values { get; }

    /// <summary>The connections.</summary>
    public DoctorConnections To { get; }

    /// <summary>The machine.</summary>
    public IHostView Host { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; }

    /// <summary>Seconds since 1970.</summary>
    public ulong Now => (ulong)Clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Whether it is a devnet of this program.</summary>
    public bool IsDevnet => Given("devnet") is not null;

    /// <summary>Why the rollup's configuration cannot be used; null when it can.</summary>
    public string? RollupFault { get; }

    /// <summary>The rollup.</summary>
    /// <exception cref="NotCheckedException">It could not be read.</exception>
    public RollupConfig Rollup => _rollup ?? throw new NotCheckedException("the rollup's configuration cannot be used (rollup.file)");

    /// <summary>The newest of the two forks that are active now, and the next to come.</summary>
    public (OptimismFork Active, OptimismFork? Next) ForksNow()
    {
        OptimismFork active = Rollup.Forks.Newest(Now);
        for (OptimismFork fork = active + 1; fork <= OptimismFork.Karst; fork++)
        {
            if (Rollup.Forks.Of(fork) is not null) return (active, fork);
        }

        return (active, null);
    }

    /// <summary>A flag's text; null where it is not given, or the table has no such flag.</summary>
    public string? Given(string flag) => Values.Table.Find(flag) is null ? null : Values.TextOrNull(flag);

    /// <summary>The address that a flag gives; null where it gives none.</summary>
    /// <exception cref="FlagException">It is no address.</exception>
    public static Address? AddressOf(FlagValues values, string flag)
    {
        if (values.Table.Find(flag) is null || values.TextOrNull(flag) is not { } text) return null;
        return Address.TryParse(text, out Address address) ? address : throw new FlagException($"--{flag}: '{text}' is no address (40 hexadecimal digits)");
    }

    /// <summary>A contract by its name in the deployment that a flag names; null where there is none.</summary>
    /// <exception cref="FlagException">The file cannot be read.</exception>
    public Address? Deployed(string name)
    {
        if (Given("l1-deployments") is not { } path) return null;
        try
        {
            return DeploymentAddresses.Load(NodeSettings.Expand(path)).TryGet(name, out Address address) ? address : null;
        }
        catch (DeployerException error)
        {
            throw new NotCheckedException($"--l1-deployments: {error.Message}");
        }
    }

    /// <summary>Where the node keeps its files.</summary>
    public string DataDirectory => NodeSettings.DataDirectoryOf(Values, Rollup);

    /// <inheritdoc/>
    public void Dispose()
    {
        _ended.Cancel();
        To.Dispose();
        _ended.Dispose();
    }
}
