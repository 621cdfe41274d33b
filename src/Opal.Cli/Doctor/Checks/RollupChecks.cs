using Opal.Cli.Flags;
using Opal.Cli.Node;
using Opal.JsonRpc;
using Opal.Protocol;
using static Opal.Cli.Doctor.CheckNeeds;
using static Opal.Cli.Doctor.CheckResult;

namespace Opal.Cli.Doctor.Checks;

/// <summary>rollup.json, by itself and beside what is known of public networks.</summary>
internal static class RollupChecks
{
    private const string OtherFile = "a chain's parameters cannot change: take the rollup.json of its deployment (--rollup.config)";
    private const string Order = "must be in order";

    public static IEnumerable<Check> All =>
    [
        new("rollup.file", "the rollup's configuration can be read and is complete", CheckStatus.Failed, None, File),
        new("rollup.fork-order", "every fork activates at or after the one before it", CheckStatus.Failed, None, ForkOrder) { IsFatal = true },
        new("rollup.overrides", "no fork time is overridden by a flag", CheckStatus.Warning, Rollup, Overrides),
        new("rollup.known-network", "a public network's parameters are those of the superchain registry", CheckStatus.Failed, Rollup, KnownNetwork),
        new("rollup.block-time", "the block time fits into L1's", CheckStatus.Failed, Rollup, BlockTimeAsync),
        new("rollup.sequencing-window", "the sequencing window leaves a batcher time to be repaired", CheckStatus.Warning, Rollup, SequencingWindowAsync),
        new("rollup.channel-timeout", "a channel ends inside the sequencing window", CheckStatus.Failed, Rollup, ChannelTimeout),
        new("rollup.sequencer-drift", "blocks can go on over a gap between L1 blocks", CheckStatus.Failed, Rollup, SequencerDriftAsync),
        new("rollup.addresses", "batch inbox, portal and SystemConfig are three addresses", CheckStatus.Failed, Rollup, Addresses),
        new("rollup.blob-schedule", "L1's blob parameters are known", CheckStatus.Failed, Rollup, BlobSchedules),
        new("rollup.genesis-time", "L2 begins at the time of its first L1 block or soon after", CheckStatus.Failed, Rollup | L1, GenesisTimeAsync),
    ];

    private static bool IsOrderFault(Examined x) => x.RollupFault?.Contains(Order, StringComparison.Ordinal) == true;

    private static CheckResult File(Examined x)
    {
        if (IsOrderFault(x)) return Ok("it can be read; its fork times are another check's (rollup.fork-order)");
        if (x.RollupFault is { } fault) return Failed(fault, "correct the file, or name another one with --rollup.config (or a built-in network with --network)");
        return Ok($"L2 chain {x.Rollup.L2ChainId} on L1 chain {x.Rollup.L1ChainId}, from L1 block {x.Rollup.GenesisL1.Number} and L2 block {x.Rollup.GenesisL2.Number} on");
    }

    private static CheckResult ForkOrder(Examined x)
    {
        const string fix = "set the fork times of rollup.json, or --override.*, in the order of the forks: none before its predecessor";
        if (IsOrderFault(x)) return Failed(x.RollupFault!, fix);
        if (x.Rollup.Forks.FirstOutOfOrder() is { } wrong) return Failed($"{wrong} would activate before the fork that precedes it", fix);
        (OptimismFork active, OptimismFork? next) = x.ForksNow();
        return Ok(next is { } coming ? $"{active} is active, {coming} comes at {DoctorText.At(x.Rollup.Forks.Of(coming)!.Value)}" : $"{active} is active, nothing is scheduled after it");
    }

    private static CheckResult Overrides(Examined x)
    {
        string[] given = [.. x.Values.Table.All.Where(flag => flag.Name.StartsWith("override.", StringComparison.Ordinal) && x.Values.TextOrNull(flag.Name) is not null).Select(flag => $"--{flag.Name}")];
        return given.Length == 0 ? Ok("no fork time is overridden")
            : Warning($"{string.Join(", ", given)} replaces what rollup.json says", "leave it out, unless every node of the chain, engines included, has the same override");
    }

    private static CheckResult KnownNetwork(Examined x)
    {
        RollupConfig own = x.Rollup;
        if (Networks.All.FirstOrDefault(network => network.Rollup.L2ChainId == own.L2ChainId) is not { } known) return NotChecked($"chain {own.L2ChainId} is not in the registry");
        RollupConfig listed = known.Rollup;
        string take = $"use --network={known.Name}, or its official rollup.json";
        if (own.GenesisL2 != listed.GenesisL2 || own.GenesisL1 != listed.GenesisL1)
            return Failed($"chain {own.L2ChainId} is {known.Title}, and rollup.json has another genesis than that",
                take);
        var different = new List<string>();
        Compare("l1_chain_id", own.L1ChainId, listed.L1ChainId);
        Compare("block_time", own.BlockTimeSeconds, listed.BlockTimeSeconds);
        Compare("seq_window_size", own.SequencingWindowSize, listed.SequencingWindowSize);
        Compare("batch_inbox_address", own.BatchInboxAddress, listed.BatchInboxAddress);
        Compare("deposit_contract_address", own.DepositContractAddress, listed.DepositContractAddress);
        Compare("l1_system_config_address", own.L1SystemConfigAddress, listed.L1SystemConfigAddress);
        Compare("chain_op_config", own.FeeMarket, listed.FeeMarket);
        for (OptimismFork fork = OptimismFork.Canyon; fork <= OptimismFork.Karst; fork++) Compare($"{fork.ToString().ToLowerInvariant()}_time", own.Forks.Of(fork), listed.Forks.Of(fork));
        return different.Count == 0 ? Ok($"{known.Title}, as the registry has it")
            : Warning($"{known.Title} has other values in the registry: {string.Join(", ", different)}", take);

        void Compare<T>(string field, T mine, T theirs)
        {
            if (!EqualityComparer<T>.Default.Equals(mine, theirs)) different.Add($"{field} {(object?)theirs ?? "none"}, not {(object?)mine ?? "none"}");
        }
    }

    private static async Task<CheckResult> BlockTimeAsync(Examined x, CancellationToken cancellation)
    {
        ulong slot = await x.L1SlotSecondsAsync(cancellation), own = x.Rollup.BlockTimeSeconds;
        if (own > slot) return Failed($"L2 blocks come every {own} s, L1 blocks every {slot} s: an L2 block cannot stand for several L1 blocks", OtherFile);
        return slot % own == 0 ? Ok($"{own} s on L1's {slot} s")
            : Warning($"L1's {slot} s are no multiple of L2's {own} s: the number of blocks in an epoch varies", OtherFile);
    }

    private static async Task<CheckResult> SequencingWindowAsync(Examined x, CancellationToken cancellation)
    {
        ulong seconds = x.Rollup.SequencingWindowSize * await x.L1SlotSecondsAsync(cancellation);
        string window = $"{x.Rollup.SequencingWindowSize} L1 blocks, {DoctorText.Time(seconds)}";
        return seconds >= 3_600 || x.IsDevnet ? Ok(window)
            : Warning($"{window}: a batcher that is away for longer loses the blocks it has not posted", "a new chain should have 3600 (12 h on Ethereum); on this one, watch batches.window closely");
    }

    private static CheckResult ChannelTimeout(Examined x)
    {
        ulong timeout = x.Rollup.Forks.IsActive(OptimismFork.Granite, x.Now) ? x.Rollup.ChannelTimeoutGraniteBlocks : x.Rollup.ChannelTimeoutBlocks;
        return timeout < x.Rollup.SequencingWindowSize ? Ok($"{timeout} of the window's {x.Rollup.SequencingWindowSize} L1 blocks")
            : Failed($"a channel may stay open for {timeout} L1 blocks, and the sequencing window has {x.Rollup.SequencingWindowSize}: a channel in time could be too late", OtherFile);
    }

    private static async Task<CheckResult> SequencerDriftAsync(Examined x, CancellationToken cancellation)
    {
        ulong slot = await x.L1SlotSecondsAsync(cancellation);
        ulong drift = x.Rollup.Forks.IsActive(OptimismFork.Fjord, x.Now) ? x.Rollup.MaxSequencerDriftFjordSeconds : x.Rollup.MaxSequencerDriftSeconds;
        if (drift < slot + x.Rollup.BlockTimeSeconds)
            return Failed($"max_sequencer_drift is {drift} s, less than L1's {slot} s and one L2 block: the sequencer would stand still between L1 blocks",
                OtherFile);
        return drift < 10 * slot ? Warning($"max_sequencer_drift is {drift} s: {drift / slot} missing L1 blocks stop the sequencer", OtherFile) : Ok($"{drift} s");
    }

    private static CheckResult Addresses(Examined x)
    {
        var named = new[] { ("batch_inbox_address", x.Rollup.BatchInboxAddress), ("deposit_contract_address", x.Rollup.DepositContractAddress), ("l1_system_config_address", x.Rollup.L1SystemConfigAddress) };
        foreach ((string name, Opal.Primitives.Address address) in named)
        {
            if (address.IsZero) return Failed($"{name} is zero", OtherFile);
            if (named.FirstOrDefault(other => other.Item1 != name && other.Item2 == address) is { Item1: { } twin })
                return Failed($"{name} and {twin} are the same address",
                    OtherFile);
        }

        return Ok($"batches go to {x.Rollup.BatchInboxAddress.ToChecksumString()}");
    }

    private static CheckResult BlobSchedules(Examined x)
    {
        if (x.IsDevnet) return NotChecked("a devnet hands its L1's schedule to its node itself");
        try
        {
            return RollupSource.L1Blobs(x.Values, x.Rollup) is { } blobs ? Ok($"{blobs.Entries.Length} changes are known")
                : Warning($"L1 chain {x.Rollup.L1ChainId} is not a known one: from Prague on, blob fees would be computed wrongly, and the chain would split",
                    "give L1's genesis.json, or its config section, with --rollup.l1-chain-config");
        }
        catch (Exception error) when (error is ConfigFileException or FlagException)
        {
            return Failed(error.Message, "give the genesis.json of this rollup's L1 with --rollup.l1-chain-config, or leave the flag out on a public L1");
        }
    }

    private static async Task<CheckResult> GenesisTimeAsync(Examined x, CancellationToken cancellation)
    {
        if (await x.L1GenesisAsync(cancellation) is not { } first) return NotChecked("L1 does not have the rollup's first L1 block (l1.genesis)");
        ulong l1 = first.Timestamp, l2 = x.Rollup.GenesisL2Time;
        if (l2 < l1) return Failed($"genesis.l2_time is {l1 - l2} s before its L1 block", OtherFile);
        return l2 - l1 <= 86_400 ? Ok(l1 == l2 ? DoctorText.At(l2) : $"{DoctorText.At(l2)}, {l2 - l1} s after its L1 block")
            : Warning($"genesis.l2_time is {DoctorText.Time(l2 - l1)} after its L1 block", "see whether genesis.l1 is the L1 block that the chain was made with");
    }
}
