using Opal.JsonRpc;
using Opal.Primitives;
using static Opal.Cli.Doctor.CheckNeeds;
using static Opal.Cli.Doctor.CheckResult;

namespace Opal.Cli.Doctor.Checks;

/// <summary>The contract that takes output roots, and who posts them.</summary>
internal static class ProposerChecks
{
    public static IEnumerable<Check> All =>
    [
        new("proposer.contract", "the contract that takes output roots is known", CheckStatus.Failed, Contracts, ContractAsync),
        new("proposer.oracle", "the L2OutputOracle counts this rollup's blocks", CheckStatus.Failed, Contracts, OracleAsync),
        new("proposer.interval", "the L2OutputOracle's interval can be kept", CheckStatus.Failed, Contracts, IntervalAsync),
        new("proposer.games", "the portal's game type can be played", CheckStatus.Failed, Contracts, GamesAsync),
        new("proposer.balance", "the proposer can pay", CheckStatus.Failed, Contracts, BalanceAsync),
        new("proposer.recent", "an output root was posted lately", CheckStatus.Warning, Contracts, RecentAsync),
    ];

    /// <summary>The contract the portal finalizes withdrawals by: an oracle or a factory of games.</summary>
    private static async Task<(Address? Oracle, Address? Factory)> ContractsAsync(Examined x, CancellationToken cancellation)
    {
        Dictionary<string, UInt256?> portal = await x.PortalAsync(cancellation);
        Address? factory = AddressIn(portal["disputeGameFactory()"]), oracle = AddressIn(portal["l2Oracle()"]);
        return factory is null && oracle is null ? (x.Deployed("L2OutputOracleProxy"), x.Deployed("DisputeGameFactoryProxy")) : (oracle, factory);
    }

    private static Address? AddressIn(UInt256? word) => word is { IsZero: false } some ? Address.FromUInt256(some) : null;

    private static async Task<Address> RequireOracleAsync(Examined x, CancellationToken cancellation) =>
        (await ContractsAsync(x, cancellation)).Oracle ?? throw new NotCheckedException("the portal has no L2OutputOracle");

    private static async Task<CheckResult> ContractAsync(Examined x, CancellationToken cancellation)
    {
        (Address? oracle, Address? factory) = await ContractsAsync(x, cancellation);
        if ((factory ?? oracle) is not { } used) return NotChecked("the portal names neither oracle nor factory; --l1-deployments may name them");
        string text = $"{(factory is null ? "L2OutputOracle" : "DisputeGameFactory")} {used.ToChecksumString()}";
        return (await (await x.L1Async(cancellation)).GetCodeAsync(used, default, cancellation)).Length > 0 ? Ok(text)
            : Failed($"there is no contract at {text}", "rollup.json or --l1-deployments is of another deployment: no output root can be posted");
    }

    private static async Task<CheckResult> OracleAsync(Examined x, CancellationToken cancellation)
    {
        Address oracle = await RequireOracleAsync(x, cancellation);
        Dictionary<string, UInt256?> told = await L1Contract.ReadAsync((await x.L1Async(cancellation)).Rpc, oracle, cancellation, "l2BlockTime()", "startingTimestamp()", "startingBlockNumber()");
        var wrong = new List<string>();
        Compare("l2BlockTime()", x.Rollup.BlockTimeSeconds, "block_time");
        ulong start = told["startingBlockNumber()"]?.ToUInt64Saturated() ?? x.Rollup.GenesisL2.Number;
        if (start >= x.Rollup.GenesisL2.Number) Compare("startingTimestamp()", x.Rollup.TimeOf(start).Seconds, $"the time of block {start}");
        return wrong.Count == 0 ? Ok($"from block {start} on, every {x.Rollup.BlockTimeSeconds} s")
            : Failed(string.Join("; ", wrong), "the oracle would ask for roots of blocks at wrong times: it must be initialised anew with this rollup's values, or rollup.json is of another deployment");

        void Compare(string getter, ulong wanted, string name)
        {
            if (told[getter] is { } value && value != wanted) wrong.Add($"{getter} is {value.ToUInt64Saturated()}, and {name} is {wanted}");
        }
    }

    private static async Task<CheckResult> IntervalAsync(Examined x, CancellationToken cancellation)
    {
        Address oracle = await RequireOracleAsync(x, cancellation);
        Dictionary<string, UInt256?> told = await L1Contract.ReadAsync((await x.L1Async(cancellation)).Rpc, oracle, cancellation, "submissionInterval()");
        if ((told["submissionInterval()"])?.ToUInt64Saturated() is not { } blocks) return NotChecked("this oracle has no submissionInterval()");
        const string fix = "it is set when the oracle is deployed; 1800 blocks of 2 s, an hour, are usual";
        if (blocks == 0) return Failed("the submission interval is 0 blocks: no block is ever the next one", fix);
        ulong seconds = blocks * x.Rollup.BlockTimeSeconds, slot = await x.L1SlotSecondsAsync(cancellation);
        return seconds < slot ? Warning($"an output root every {seconds} s, and an L1 block every {slot} s: the proposer cannot keep up", fix)
            : seconds > 86_400
            ? Warning($"an output root every {DoctorText.Time(seconds)}: withdrawals wait for that long before they can be proven", fix)
            : Ok($"{blocks} blocks, {DoctorText.Time(seconds)}");
    }

    private static async Task<CheckResult> GamesAsync(Examined x, CancellationToken cancellation)
    {
        if ((await ContractsAsync(x, cancellation)).Factory is not { } factory) return NotChecked("the portal has no DisputeGameFactory");
        if ((await x.PortalAsync(cancellation))["respectedGameType()"] is not { } type) return NotChecked("this portal has no respectedGameType()");
        UInt256? game = await L1Contract.CallAsync((await x.L1Async(cancellation)).Rpc, factory, "gameImpls(uint32)", type, 0, cancellation);
        return game is { IsZero: false } ? Ok($"type {type.ToUInt64Saturated()}")
            : Failed($"the portal respects game type {type.ToUInt64Saturated()}, and the factory has no such game", "the owner sets it with DisputeGameFactory.setImplementation, or the guardian changes the portal's game type");
    }

    private static async Task<CheckResult> BalanceAsync(Examined x, CancellationToken cancellation)
    {
        EthClient l1 = await x.L1Async(cancellation);
        if (Examined.AddressOf(x.Values, "proposer") is not { } proposer)
        {
            if ((await ContractsAsync(x, cancellation)).Oracle is not { } oracle) return NotChecked("no contract names the proposer; give its address with --proposer");
            Dictionary<string, UInt256?> told = await L1Contract.ReadAsync(l1.Rpc, oracle, cancellation, "proposer()", "PROPOSER()");
            if ((AddressIn(told["proposer()"]) ?? AddressIn(told["PROPOSER()"])) is not { } named) return NotChecked("the oracle names no proposer; give its address with --proposer");
            proposer = named;
        }

        return BatchChecks.Judge(proposer, await l1.GetBalanceAsync(proposer, default, cancellation), "output roots");
    }

    private static async Task<CheckResult> RecentAsync(Examined x, CancellationToken cancellation)
    {
        const string fix = "see that the proposer runs, and has ether (proposer.balance); withdrawals wait for its next output root";
        (Address? oracle, Address? factory) = await ContractsAsync(x, cancellation);
        IRpcClient l1 = (await x.L1Async(cancellation)).Rpc;
        if (factory is { } games)
        {
            ulong count = (await L1Contract.ReadAsync(l1, games, cancellation, "gameCount()"))["gameCount()"]?.ToUInt64Saturated() ?? throw new NotCheckedException("the factory does not count its games");
            if (count == 0) return Warning("no game was ever made", fix);
            if ((await L1Contract.CallAsync(l1, games, "gameAtIndex(uint256)", count - 1, 1, cancellation))?.ToUInt64Saturated() is not { } made) return NotChecked("the factory does not tell of its last game");
            return Judge(DoctorText.Since(made, x.Now), 86_400);
        }

        if (oracle is not { } outputs) return NotChecked("the portal names neither oracle nor factory");
        Dictionary<string, UInt256?> told = await L1Contract.ReadAsync(l1, outputs, cancellation, "latestBlockNumber()", "submissionInterval()");
        if (told["latestBlockNumber()"]?.ToUInt64Saturated() is not { } latest || told["submissionInterval()"]?.ToUInt64Saturated() is not { } interval) return NotChecked("this oracle does not tell");
        return Judge(DoctorText.Since(x.Rollup.TimeOf(Math.Max(latest, x.Rollup.GenesisL2.Number)).Seconds, x.Now), 1_800 + (3 * interval * x.Rollup.BlockTimeSeconds));

        static CheckResult Judge(ulong age, ulong allowed) => age <= allowed ? Ok($"the last one is {DoctorText.Time(age)} old")
            : Warning($"the last one is {DoctorText.Time(age)} old", fix);
    }
}
