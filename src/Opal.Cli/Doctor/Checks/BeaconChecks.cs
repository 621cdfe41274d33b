using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Cli.Doctor.CheckNeeds;
using static Opal.Cli.Doctor.CheckResult;

namespace Opal.Cli.Doctor.Checks;

/// <summary>L1's Beacon API, which has the blobs.</summary>
internal static class BeaconChecks
{
    private const string OtherBeacon = "give the Beacon API of this rollup's L1 with --l1.beacon";
    private const string Archive = "give a Beacon API or blob archive that keeps blobs longer with --l1.beacon-fallbacks";
    private const int SearchedBlocks = 12;

    public static IEnumerable<Check> All =>
    [
        new("beacon.given", "there is a Beacon API where batches come in blobs", CheckStatus.Failed, Rollup, Given),
        new("beacon.reachable", "it answers", CheckStatus.Failed, None, ReachableAsync),
        new("beacon.chain", "it is the consensus layer of the rollup's L1", CheckStatus.Failed, Rollup | Beacon, ChainAsync),
        new("beacon.clock", "its genesis and slot times fit L1's block times", CheckStatus.Failed, L1 | Beacon, ClockAsync),
        new("beacon.syncing", "it is in sync, with an execution client", CheckStatus.Warning, Beacon, SyncingAsync),
        new("beacon.head", "its head is L1's", CheckStatus.Warning, L1 | Beacon, HeadAsync),
        new("beacon.blobs", "it gives the blobs of a block that derivation is about to read", CheckStatus.Failed, Rollup | L1 | Beacon, BlobsAsync),
        new("beacon.retention", "blobs are kept for as long as derivation may need them", CheckStatus.Failed, Rollup | L1 | Beacon, RetentionAsync),
        new("beacon.fallbacks", "every fallback answers", CheckStatus.Warning, None, FallbacksAsync),
    ];

    private static CheckResult Given(Examined x)
    {
        if (x.To.Beacon is not null) return Ok("given by --l1.beacon");
        if (x.Rollup.Forks.Ecotone is null) return Ok("not needed: the rollup has no Ecotone");
        return x.Values.Bool("l1.beacon.ignore") ? Warning("none, as --l1.beacon.ignore says: the first batch in a blob stops the safe head", OtherBeacon)
            : Failed("none: the first batch in a blob stops the safe head", $"{OtherBeacon}; --l1.beacon.ignore is for rollups whose batches are calldata");
    }

    private static async Task<CheckResult> ReachableAsync(Examined x, CancellationToken cancellation)
    {
        try
        {
            string version = await x.Beacon.VersionAsync(cancellation);
            await x.BeaconSpecAsync(cancellation);
            return Ok(version);
        }
        catch (RpcTransportException error)
        {
            return Failed(error.Message,
                $"start it with its HTTP API on (lighthouse --http, prysm --grpc-gateway-port, teku --rest-api-enabled, nimbus --rest), or {OtherBeacon}");
        }
    }

    private static async Task<CheckResult> ChainAsync(Examined x, CancellationToken cancellation)
    {
        if ((await x.BeaconSpecAsync(cancellation)).ExecutionChainId is not { } chain) return NotChecked("it does not state DEPOSIT_CHAIN_ID");
        return chain == x.Rollup.L1ChainId ? Ok($"chain {chain}")
            : Failed($"it belongs to chain {chain}, and the rollup's L1 is chain {x.Rollup.L1ChainId}", OtherBeacon);
    }

    private static async Task<CheckResult> ClockAsync(Examined x, CancellationToken cancellation)
    {
        BeaconSpec spec = await x.BeaconSpecAsync(cancellation);
        if (spec.SecondsPerSlot == 0) return Failed("its slots are 0 s long", OtherBeacon);
        ulong genesis = (await x.Beacon.ClockAsync(cancellation)).GenesisTime;
        BlockHeader head = await x.L1HeadAsync(cancellation);
        if (head.Timestamp < genesis) return Failed($"its genesis at {DoctorText.At(genesis)} is after L1's head at {DoctorText.At(head.Timestamp)}", OtherBeacon);
        return (head.Timestamp - genesis) % spec.SecondsPerSlot == 0 ? Ok($"slots of {spec.SecondsPerSlot} s since {DoctorText.At(genesis)}")
            : Failed($"L1's block {head.Number} at {DoctorText.At(head.Timestamp)} falls between its slots of {spec.SecondsPerSlot} s: blobs would be looked for in wrong slots", OtherBeacon);
    }

    private static async Task<CheckResult> SyncingAsync(Examined x, CancellationToken cancellation)
    {
        BeaconSyncState state = await x.Beacon.SyncStateAsync(cancellation);
        if (state.IsSyncing) return Warning($"it is syncing, at slot {state.HeadSlot}", "wait, or use another --l1.beacon meanwhile: newer blobs are missing");
        return state.HasExecution ? Ok($"at slot {state.HeadSlot}")
            : Warning("its execution client does not answer it", "start L1's execution client: the beacon node cannot follow the chain without");
    }

    private static async Task<CheckResult> HeadAsync(Examined x, CancellationToken cancellation)
    {
        BlockHeader head = await x.L1HeadAsync(cancellation);
        if (!(await x.Beacon.ClockAsync(cancellation)).TrySlotAt(head.Timestamp, out ulong wanted)) return NotChecked("L1's head is before its genesis (beacon.clock)");
        ulong has = (await x.Beacon.SyncStateAsync(cancellation)).HeadSlot;
        return has + 4 >= wanted ? Ok($"slot {has}")
            : Warning($"it is at slot {has}, and L1's head is slot {wanted}", "see why it is behind; until then derivation waits for the blobs of newer blocks");
    }

    private static async Task<CheckResult> BlobsAsync(Examined x, CancellationToken cancellation)
    {
        EthClient l1 = await x.L1Async(cancellation);
        ulong head = (await x.L1HeadAsync(cancellation)).Number, from = x.Rollup.GenesisL1.Number;
        if ((await x.EngineAsync(cancellation)).Answer == EngineAnswer.ChainId) from = (await x.SafeOriginAsync(cancellation)).Number;
        if (from > head) return NotChecked("L1 is behind the safe head's origin");
        ulong count = Math.Min(SearchedBlocks, head - from + 1);
        Block?[] blocks = await Task.WhenAll(Enumerable.Range(0, (int)count).Select(i => l1.FindBlockAsync(BlockParameter.At(from + (ulong)i), cancellation)));
        foreach (Block block in blocks.OfType<Block>())
        {
            Transaction? carrier = block.Transactions.FirstOrDefault(t => t.Type == TransactionType.Blob && t.To == x.Rollup.BatchInboxAddress) ?? block.Transactions.FirstOrDefault(static t => t.Type == TransactionType.Blob);
            if (carrier is null) continue;
            if (!(await x.Beacon.ClockAsync(cancellation)).TrySlotAt(block.Header.Timestamp, out ulong slot)) return NotChecked("L1's blocks are before its genesis (beacon.clock)");
            int index = block.Transactions.TakeWhile(t => t != carrier).Sum(static t => t.BlobVersionedHashes.Length);
            var said = new List<string>();
            foreach (BeaconClient client in (IEnumerable<BeaconClient>)[x.Beacon, .. x.To.BeaconFallbacks])
            {
                if (await LackOfAsync(client, slot, carrier.BlobVersionedHashes[0], index, cancellation) is not { } lack) return Ok($"{client.Endpoint} gave one of L1 block {block.Header.Number}");
                said.Add(lack);
            }

            return Failed($"a blob of L1 block {block.Header.Number} is not to be had: {string.Join("; ", said)}", Archive);
        }

        return NotChecked($"no blob in L1 blocks {from} to {from + count - 1}");
    }

    /// <summary>What a node said instead of giving a blob; null when it gave it.</summary>
    private static async Task<string?> LackOfAsync(BeaconClient client, ulong slot, Hash256 hash, int index, CancellationToken cancellation)
    {
        try
        {
            BeaconBlobs given = await client.GetBlobsAsync(slot, [hash], [index], cancellation);
            return given.Blobs.Count > 0 ? null : given.Absence ?? $"{client.Endpoint} gave none";
        }
        catch (RpcTransportException error)
        {
            return error.Message;
        }
    }

    private static async Task<CheckResult> RetentionAsync(Examined x, CancellationToken cancellation)
    {
        BeaconSpec spec = await x.BeaconSpecAsync(cancellation);
        if (spec.BlobRetentionEpochs is not { } epochs) return NotChecked("it does not state MIN_EPOCHS_FOR_BLOB_SIDECARS_REQUESTS");
        ulong kept = epochs * (spec.SlotsPerEpoch ?? 32) * spec.SecondsPerSlot, window = x.Rollup.SequencingWindowSize * spec.SecondsPerSlot;
        if (window > kept) return Warning($"blobs are kept for {DoctorText.Time(kept)}, and the sequencing window is {DoctorText.Time(window)}", Archive);
        EngineContact contact = await x.EngineAsync(cancellation);
        ulong origin = contact.Answer == EngineAnswer.ChainId ? (await x.SafeOriginAsync(cancellation)).Number : x.Rollup.GenesisL1.Number;
        if (await (await x.L1Async(cancellation)).FindHeaderAsync(BlockParameter.At(origin), cancellation) is not { } header) return NotChecked($"L1 block {origin} is not there (l1.history)");
        ulong age = DoctorText.Since(header.Timestamp, x.Now);
        string text = $"derivation goes on at a block {DoctorText.Time(age)} old; nodes must keep blobs for {DoctorText.Time(kept)}";
        bool mayBeCalldata = x.Rollup.Forks.Ecotone is not { } ecotone || header.Timestamp < ecotone;
        if (age < kept / 4 * 3 || x.To.BeaconFallbacks.Count > 0 || mayBeCalldata) return Ok(text);
        return age < kept ? Warning($"{text}: catching up must end before they are gone", Archive) : Failed($"{text}: they are gone, unless this one keeps all", Archive);
    }

    private static async Task<CheckResult> FallbacksAsync(Examined x, CancellationToken cancellation)
    {
        if (x.To.BeaconFallbacks.Count == 0) return NotChecked("there is none");
        string[] problems = [.. (await Task.WhenAll(x.To.BeaconFallbacks.Select(client => ProblemOfAsync(client, cancellation)))).OfType<string>()];
        return problems.Length == 0 ? Ok($"{x.To.BeaconFallbacks.Count} answer")
            : Warning(string.Join("; ", problems), "correct --l1.beacon-fallbacks: it is asked once the first no longer has a blob");
    }

    private static async Task<string?> ProblemOfAsync(BeaconClient client, CancellationToken cancellation)
    {
        try
        {
            await client.ClockAsync(cancellation);
            return null;
        }
        catch (RpcTransportException error)
        {
            return error.Message;
        }
    }
}
