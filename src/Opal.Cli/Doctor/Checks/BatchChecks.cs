using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;
using static Opal.Cli.Doctor.CheckNeeds;
using static Opal.Cli.Doctor.CheckResult;

namespace Opal.Cli.Doctor.Checks;

/// <summary>Whether batches arrive in time, and can go on to.</summary>
internal static class BatchChecks
{
    // a transaction with six blobs and some data took less than this on most days; below it the next one may fail
    private static readonly UInt256 Low = new UInt256(50_000_000_000_000_000), Empty = new UInt256(500_000_000_000_000);

    public static IEnumerable<Check> All =>
    [
        new("batches.window", "the safe head is well inside the sequencing window", CheckStatus.Failed, Rollup | L1 | Engine, WindowAsync),
        new("batches.lag", "the safe head follows the newest block", CheckStatus.Warning, Rollup | Engine, LagAsync),
        new("batches.batcher", "--batcher is the address that L1 takes batches from", CheckStatus.Failed, Contracts, BatcherAsync),
        new("batches.balance", "the batcher can pay", CheckStatus.Failed, Contracts, BalanceAsync),
    ];

    private static async Task<CheckResult> WindowAsync(Examined x, CancellationToken cancellation)
    {
        ulong origin = (await x.SafeOriginAsync(cancellation)).Number, head = (await x.L1HeadAsync(cancellation)).Number, window = x.Rollup.SequencingWindowSize;
        ulong used = DoctorText.Since(origin, head), slot = await x.L1SlotSecondsAsync(cancellation);
        const string fix = "see that the batcher runs and has ether (batches.balance), and what its log says; when the window has passed, 'opal node' recovers by itself (--sequencer.auto-recover)";
        if (used >= window)
            return Failed($"the safe head's origin is {used} L1 blocks old, and the window has {window}: it has passed, and blocks without batches are replaced by empty ones",
                fix);
        string left = $"{used} of {window} L1 blocks used, {DoctorText.Time((window - used) * slot)} left";
        return used < window / 2 ? Ok(left) : used < window / 10 * 9 ? Warning(left, fix) : Failed($"{left}: after that, blocks without batches are lost", fix);
    }

    private static async Task<CheckResult> LagAsync(Examined x, CancellationToken cancellation)
    {
        L2Head newest = await x.UnsafeAsync(cancellation);
        ulong safe = await x.SafeAsync(cancellation) is { } head ? head.Header.Number : x.Rollup.GenesisL2.Number;
        ulong blocks = DoctorText.Since(safe, newest.Header.Number), seconds = blocks * x.Rollup.BlockTimeSeconds;
        string text = $"{blocks} blocks, {DoctorText.Time(seconds)}";
        return seconds < 1_800 ? Ok(text)
            : Warning($"the safe head is {text} behind", "see when the last batch was posted, and 'opal status' for what derivation waits for");
    }

    private static async Task<CheckResult> BatcherAsync(Examined x, CancellationToken cancellation)
    {
        if (Examined.AddressOf(x.Values, "batcher") is not { } given) return NotChecked("--batcher is not given");
        var wanted = Address.FromUInt256((await x.SystemConfigAsync(cancellation))["batcherHash()"]!.Value);
        return given == wanted ? Ok(given.ToChecksumString())
            : Failed($"the batcher is {given.ToChecksumString()}, and L1 takes batches from {wanted.ToChecksumString()} alone", "run the batcher with that address's key, or have the owner set the other with SystemConfig.setBatcherHash");
    }

    private static async Task<CheckResult> BalanceAsync(Examined x, CancellationToken cancellation) =>
        Judge(Address.FromUInt256((await x.SystemConfigAsync(cancellation))["batcherHash()"]!.Value), await BalanceOfAsync(x, "batcherHash()", cancellation), "batches");

    private static async Task<UInt256> BalanceOfAsync(Examined x, string getter, CancellationToken cancellation) =>
        await (await x.L1Async(cancellation)).GetBalanceAsync(Address.FromUInt256((await x.SystemConfigAsync(cancellation))[getter]!.Value), default, cancellation);

    /// <summary>What a balance on L1 means for the account that pays for something.</summary>
    public static CheckResult Judge(Address account, UInt256 balance, string what)
    {
        string text = $"{account.ToChecksumString()} has {EtherText.Cut(balance, 4)} ETH on L1", fix = $"send it ether on L1: it pays for {what}";
        return balance < Empty ? Failed(text, fix) : balance < Low ? Warning(text, fix) : Ok(text);
    }
}
