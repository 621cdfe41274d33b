using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Cli.Doctor.CheckNeeds;
using static Opal.Cli.Doctor.CheckResult;

namespace Opal.Cli.Doctor.Checks;

/// <summary>L1's JSON-RPC.</summary>
internal static class L1Checks
{
    private const string OtherProvider = "name another provider with --l1; several, comma-separated, take over from one another";

    public static IEnumerable<Check> All =>
    [
        new("l1.reachable", "every provider answers", CheckStatus.Failed, None, ReachableAsync),
        new("l1.chain-id", "every provider serves the rollup's L1", CheckStatus.Failed, Rollup, ChainIdAsync) { IsFatal = true },
        new("l1.genesis", "the rollup's first L1 block is there, with its hash", CheckStatus.Failed, Rollup | L1, GenesisAsync) { IsFatal = true },
        new("l1.syncing", "it is not syncing", CheckStatus.Warning, L1, SyncingAsync),
        new("l1.head-age", "its head is fresh", CheckStatus.Failed, L1, HeadAgeAsync),
        new("l1.finality", "it finalizes blocks", CheckStatus.Warning, L1, FinalityAsync),
        new("l1.safe-label", "it knows the safe block", CheckStatus.Warning, L1, SafeLabelAsync),
        new("l1.history", "it still has the blocks that derivation begins at", CheckStatus.Failed, Rollup | L1, HistoryAsync),
        new("l1.receipts", "it gives all receipts of a block, and they are true", CheckStatus.Failed, Rollup | L1, ReceiptsAsync),
        new("l1.batch", "it takes batches of --l1.rpc-max-batch-size calls", CheckStatus.Failed, L1, BatchAsync),
        new("l1.latency", "it answers fast enough to catch up", CheckStatus.Warning, L1, LatencyAsync),
        new("l1.agreement", "several providers have the same chain", CheckStatus.Failed, L1, AgreementAsync),
        new("l1.confirmations", "--verifier.l1-confs leaves derivation blocks to read", CheckStatus.Warning, Rollup | L1, Confirmations),
    ];

    private static async Task<CheckResult> ReachableAsync(Examined x, CancellationToken cancellation)
    {
        IReadOnlyList<(ulong? Chain, string Problem)> answers = await x.AskL1Async(cancellation);
        string[] problems = [.. answers.Where(static answer => answer.Chain is null).Select(static answer => answer.Problem)];
        if (problems.Length == 0) return Ok(await VersionOfAsync(x.To.L1[0], cancellation));
        string fix = $"start it, or correct the URL in --l1; {OtherProvider}";
        return problems.Length == answers.Count ? Failed(string.Join("; ", problems), fix)
            : Warning($"{problems.Length} of {answers.Count} providers do not answer: {string.Join("; ", problems)}", fix);
    }

    private static async Task<string> VersionOfAsync(IRpcClient rpc, CancellationToken cancellation)
    {
        try
        {
            return $"{await new EthClient(rpc).ClientVersionAsync(cancellation)} at {rpc.Endpoint}";
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            return rpc.Endpoint; // providers often keep their version to themselves
        }
    }

    private static async Task<CheckResult> ChainIdAsync(Examined x, CancellationToken cancellation)
    {
        IReadOnlyList<(ulong? Chain, string Problem)> answers = await x.AskL1Async(cancellation);
        for (int i = 0; i < answers.Count; i++)
        {
            if (answers[i].Chain is not { } chain || chain == x.Rollup.L1ChainId) continue;
            string what = chain == x.Rollup.L2ChainId ? "the L2 itself" : $"chain {chain}";
            return Failed($"{x.To.L1[i].Endpoint} serves {what}, but the rollup's L1 is chain {x.Rollup.L1ChainId}: wrong URL, or wrong rollup configuration",
                "correct --l1, or --rollup.config");
        }

        return answers.All(static answer => answer.Chain is null) ? NotChecked("L1 does not answer (l1.reachable)") : Ok($"chain {x.Rollup.L1ChainId}");
    }

    private static async Task<CheckResult> GenesisAsync(Examined x, CancellationToken cancellation)
    {
        BlockId wanted = x.Rollup.GenesisL1;
        if (await x.L1GenesisAsync(cancellation) is { } header)
        {
            return header.Hash == wanted.Hash ? Ok($"block {wanted.Number} is {wanted.Hash}")
                : Failed($"L1 block {wanted.Number} is {header.Hash}, and rollup.json says {wanted.Hash}", "this L1 is another chain with the same chain id, or rollup.json is of another deployment: correct --l1 or --rollup.config");
        }

        ulong head = (await x.L1HeadAsync(cancellation)).Number;
        return head < wanted.Number ? Warning($"L1 is at block {head}, and the rollup begins at block {wanted.Number}", "wait until L1 has synced")
            : Warning($"the provider does not keep L1 block {wanted.Number}, so that its hash cannot be compared", OtherProvider);
    }

    private static async Task<CheckResult> SyncingAsync(Examined x, CancellationToken cancellation) =>
        await (await x.L1Async(cancellation)).IsSyncingAsync(cancellation)
            ? Warning("L1 is syncing: its head is old, and blocks may be missing", "wait until eth_syncing is false, or use another provider meanwhile")
            : Ok("in sync");

    private static async Task<CheckResult> HeadAgeAsync(Examined x, CancellationToken cancellation)
    {
        BlockHeader head = await x.L1HeadAsync(cancellation);
        ulong age = DoctorText.Since(head.Timestamp, x.Now);
        string text = $"block {head.Number} is {DoctorText.Time(age)} old";
        const string fix = "see whether L1's execution client still follows its beacon node; a wrong clock here looks the same (host.clock)";
        return age switch { < 90 => Ok(text), < 600 => Warning(text, fix), _ => Failed($"{text}: L1 stands still", fix) };
    }

    private static async Task<BlockHeader?> LabelAsync(Examined x, BlockParameter label, CancellationToken cancellation)
    {
        try
        {
            return await (await x.L1Async(cancellation)).FindHeaderAsync(label, cancellation);
        }
        catch (RpcCallException)
        {
            return null; // a chain without such a block yet, or a provider without the label
        }
    }

    private static async Task<CheckResult> FinalityAsync(Examined x, CancellationToken cancellation)
    {
        BlockHeader head = await x.L1HeadAsync(cancellation);
        if (await LabelAsync(x, BlockParameter.Finalized, cancellation) is not { } final)
            return Warning("there is no finalized block: L2's finalized head will not move",
                "wait, on a young chain; else use a provider that serves the block tag \"finalized\" (--l1)");
        ulong behind = DoctorText.Since(final.Timestamp, head.Timestamp);
        string text = $"block {final.Number}, {DoctorText.Time(behind)} behind the head";
        return behind < 1_800 ? Ok(text)
            : Warning($"the finalized block is {text}: L1 has trouble finalizing", "nothing is lost; L2's finalized head, and withdrawals, wait for it");
    }

    private static async Task<CheckResult> SafeLabelAsync(Examined x, CancellationToken cancellation) =>
        await LabelAsync(x, BlockParameter.Safe, cancellation) is { } safe ? Ok($"block {safe.Number}")
            : Warning("the provider does not serve the block tag \"safe\"", "wait, on a young chain; else use a provider that has it (--l1)");

    /// <summary>The lowest L1 block that derivation has to read again after a start: the safe head's origin less the time a channel may have been open.</summary>
    private static async Task<ulong> FirstNeededAsync(Examined x, CancellationToken cancellation)
    {
        ulong origin = await OriginOrGenesisAsync(x, cancellation), timeout = Math.Max(x.Rollup.ChannelTimeoutBlocks, x.Rollup.ChannelTimeoutGraniteBlocks);
        return Math.Max(x.Rollup.GenesisL1.Number, origin > timeout ? origin - timeout : 0);
    }

    private static async Task<ulong> OriginOrGenesisAsync(Examined x, CancellationToken cancellation)
    {
        EngineContact contact = await x.EngineAsync(cancellation);
        return contact.Answer == EngineAnswer.ChainId ? (await x.SafeOriginAsync(cancellation)).Number : x.Rollup.GenesisL1.Number;
    }

    private static async Task<CheckResult> HistoryAsync(Examined x, CancellationToken cancellation)
    {
        ulong needed = await FirstNeededAsync(x, cancellation), head = (await x.L1HeadAsync(cancellation)).Number;
        if (needed > head) return NotChecked($"L1's head {head} is below the first block needed, {needed}");
        string fix = $"the provider has pruned it: use an archive provider, or one with a longer history; {OtherProvider}";
        try
        {
            Block? block = await (await x.L1Async(cancellation)).FindBlockAsync(BlockParameter.At(needed), cancellation);
            return block is not null ? Ok($"block {needed}, {head - needed} below the head, with its {block.Transactions.Length} transactions")
                : Failed($"L1 block {needed}, at which derivation begins, is not there", fix);
        }
        catch (RpcCallException error)
        {
            return Failed($"L1 block {needed}, at which derivation begins, is refused: {error.Error.Message}", fix);
        }
    }

    private static async Task<CheckResult> ReceiptsAsync(Examined x, CancellationToken cancellation)
    {
        ulong number = Math.Min(await OriginOrGenesisAsync(x, cancellation), (await x.L1HeadAsync(cancellation)).Number);
        EthClient l1 = await x.L1Async(cancellation);
        if (await l1.FindBlockAsync(BlockParameter.At(number), cancellation) is not { } block) return NotChecked($"L1 block {number} is not there (l1.history)");
        string fix = $"derivation needs the receipts of every L1 block; {OtherProvider}";
        try
        {
            return Ok($"all {(await l1.GetReceiptsAsync(block.Header, null, cancellation)).Length} of block {number}");
        }
        catch (RpcCallException error) when (error.Error.Code != RpcErrorCode.MethodNotFound)
        {
            return Failed($"the receipts of L1 block {number} are refused: {error.Error.Message}", fix);
        }
        catch (RpcCallException)
        {
            return await OneByOneAsync(l1, block, cancellation);
        }
        catch (RpcTransportException error) when (!error.IsTransient)
        {
            return Failed(error.Message, fix);
        }
    }

    private static async Task<CheckResult> OneByOneAsync(EthClient l1, Block block, CancellationToken cancellation)
    {
        try
        {
            await l1.GetReceiptsAsync(block.Header, [.. block.Transactions.Select(static transaction => transaction.Hash)], cancellation);
            return Warning("there is no eth_getBlockReceipts: receipts are fetched one by one, hundreds of calls for each L1 block",
                $"it works, slowly and at the provider's price; {OtherProvider}");
        }
        catch (Exception error) when (error is RpcCallException or RpcTransportException { IsTransient: false })
        {
            return Failed($"receipts are given neither together nor one by one: {error.Message}", OtherProvider);
        }
    }

    private static async Task<CheckResult> BatchAsync(Examined x, CancellationToken cancellation)
    {
        int size = Math.Max(1, x.Values.Int("l1.rpc-max-batch-size"));
        IRpcClient rpc = (await x.L1Async(cancellation)).Rpc;
        const string fix = "lower --l1.rpc-max-batch-size (1 sends every call by itself)";
        try
        {
            RpcReply[] replies = await rpc.SendAsync([.. Enumerable.Repeat(new RpcRequest("eth_chainId"), size)], cancellation);
            return replies.FirstOrDefault(static reply => reply.Error is not null).Error is { } refused
                ? Failed($"a batch of {size} calls was refused: {refused.Message}", fix)
                : Ok($"{size} calls at once");
        }
        catch (RpcCallException error)
        {
            return Failed($"a batch of {size} calls was refused: {error.Error.Message}", fix);
        }
        catch (RpcTransportException error) when (size > 1)
        {
            return Failed($"a batch of {size} calls failed: {error.Message}", fix);
        }
    }

    private static async Task<CheckResult> LatencyAsync(Examined x, CancellationToken cancellation)
    {
        EthClient l1 = await x.L1Async(cancellation);
        long from = x.Clock.GetTimestamp();
        const int calls = 3;
        for (int i = 0; i < calls; i++) await l1.BlockNumberAsync(cancellation);
        double each = x.Clock.GetElapsedTime(from).TotalMilliseconds / calls;
        return each < 500 ? Ok($"{each:0} ms a call")
            : Warning($"{each:0} ms a call: catching up takes several calls for each L1 block", "use a provider nearer by, and a higher --l1.max-concurrency");
    }

    private static async Task<CheckResult> AgreementAsync(Examined x, CancellationToken cancellation)
    {
        if (x.To.L1.Count < 2) return NotChecked("there is one provider only");
        EthClient[] all = [.. x.To.L1.Select(rpc => new EthClient(rpc))];
        ulong?[] heads = await Task.WhenAll(all.Select(async client => await OrNullAsync(async () => (ulong?)await client.BlockNumberAsync(cancellation))));
        ulong[] known = [.. heads.OfType<ulong>()];
        if (known.Length < 2) return NotChecked("fewer than two providers answer (l1.reachable)");
        ulong lowest = known.Min(), highest = known.Max(), common = lowest > 3 ? lowest - 3 : 0;
        Hash256?[] hashes = await Task.WhenAll(all.Select(async client => await OrNullAsync(async () => (await client.FindHeaderAsync(BlockParameter.At(common), cancellation))?.Hash)));
        int odd = Array.FindIndex(hashes, hash => hash is { } given && given != hashes.First(static other => other is not null));
        if (odd >= 0)
            return Failed($"{x.To.L1[odd].Endpoint} has another block {common} than the first provider: they are on different forks or chains",
                "leave out of --l1 the one that is wrong: a change between them looks like a reorganisation of L1");
        int behind = Array.FindIndex(heads, head => head < highest - Math.Min(highest, 10));
        return behind >= 0 ? Warning($"{x.To.L1[behind].Endpoint} is {highest - heads[behind]} blocks behind", "see why, or leave it out of --l1")
            : Ok($"{known.Length} providers agree on block {common}");
    }

    private static async Task<T?> OrNullAsync<T>(Func<Task<T?>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            return default; // l1.reachable's
        }
    }

    private static async Task<CheckResult> Confirmations(Examined x, CancellationToken cancellation)
    {
        ulong kept = x.Values.Number("verifier.l1-confs");
        ulong head = (await x.L1HeadAsync(cancellation)).Number, first = x.Rollup.GenesisL1.Number;
        if (kept >= x.Rollup.SequencingWindowSize / 2)
            return Warning($"--verifier.l1-confs={kept} keeps the safe head more than half a sequencing window back",
                "set it to a few blocks; 0 is usual, since reorganisations are followed");
        return head < first + kept
            ? Warning($"L1 has {DoctorText.Since(first, head)} blocks since the rollup's first, and --verifier.l1-confs={kept} keeps all of them back", "wait, or lower --verifier.l1-confs")
            : Ok(kept == 0 ? "no L1 blocks are kept back" : $"{kept} L1 blocks are kept back");
    }
}
