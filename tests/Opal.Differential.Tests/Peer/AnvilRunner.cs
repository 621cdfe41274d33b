using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>The peer's side: puts cases into a fresh anvil, mines them in one block, and reads what happened.</summary>
internal static class AnvilRunner
{
    /// <summary>A run: the script that our side has to follow, with the transactions in the order anvil took them, and what anvil made of it.</summary>
    /// <param name="Script">The script.</param>
    /// <param name="Blocks">anvil's outcomes.</param>
    /// <param name="Order">For each transaction of the last block the index of its case.</param>
    /// <param name="State">anvil's state after the last block.</param>
    public sealed record Result(ChainScript Script, IReadOnlyList<BlockOutcome> Blocks, IReadOnlyList<int> Order, IReadOnlyList<GenesisAccount> State);

    /// <summary>Everything the genesis holds.</summary>
    public static List<GenesisAccount> GenesisOf(FuzzFork fork, IReadOnlyList<FuzzProgram> programs) =>
        [.. DevChain.Shared(fork), .. programs.SelectMany(p => p.Accounts)];

    /// <summary>Runs the cases on an anvil that was started with <see cref="GenesisOf"/> and has mined nothing.</summary>
    /// <param name="anvil">The process.</param>
    /// <param name="fork">The fork.</param>
    /// <param name="programs">The cases.</param>
    /// <param name="outputs">For how many of the first transactions to ask for return data.</param>
    public static async Task<Result> RunAsync(AnvilProcess anvil, FuzzFork fork, IReadOnlyList<FuzzProgram> programs, int outputs)
    {
        for (int number = 1; number <= DevChain.EmptyBlocks; number++) await MineAsync(anvil, number).ConfigureAwait(false);
        JsonElement[] sent = await anvil.BatchAsync([.. programs.Select(p => ("eth_sendRawTransaction", new object[] { Hex.Encode(p.Transaction.Encoded) }))]).ConfigureAwait(false);
        await MineAsync(anvil, DevChain.EmptyBlocks + 1).ConfigureAwait(false);

        var headers = new List<BlockHeader>();
        List<string> mined = [];
        for (int number = 0; number <= DevChain.EmptyBlocks + 1; number++)
        {
            JsonElement block = await anvil.CallAsync("eth_getBlockByNumber", Hex.Quantity((ulong)number), false).ConfigureAwait(false);
            headers.Add(AnvilJson.Header(block));
            if (number == DevChain.EmptyBlocks + 1) mined = [.. block.GetProperty("transactions").EnumerateArray().Select(t => t.GetString()!)];
        }

        List<GenesisAccount> state = AnvilJson.State(await anvil.CallAsync("anvil_dumpState").ConfigureAwait(false));
        string last = Hex.Quantity(DevChain.EmptyBlocks + 1);
        JsonElement[] receipts = [.. (await anvil.CallAsync("eth_getBlockReceipts", last).ConfigureAwait(false)).EnumerateArray()];
        // anvil replays the block up to a transaction to trace it: cheap for the first ones only
        JsonElement[] traces = await anvil.BatchAsync([.. mined.Take(outputs).Select(hash =>
            ("debug_traceTransaction", new object[] { hash, new { tracer = "callTracer", tracerConfig = new { onlyTopCall = true } } }))]).ConfigureAwait(false);

        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < programs.Count; i++) index[programs[i].Transaction.Hash.ToString()] = i;
        var order = new List<int>();
        var outcomes = new List<TxOutcome>();
        for (int i = 0; i < mined.Count; i++)
        {
            order.Add(index[mined[i]]);
            TxOutcome outcome = AnvilJson.Outcome(receipts[i]);
            outcomes.Add(i < traces.Length ? WithOutput(outcome, traces[i]) : outcome);
        }

        // what was refused is offered to our side after the rest
        var included = order.ToHashSet();
        for (int i = 0; i < programs.Count; i++)
        {
            if (included.Contains(i)) continue;
            order.Add(i);
            outcomes.Add(new TxOutcome { Refusal = sent[i].TryGetProperty("error", out JsonElement error) ? AnvilJson.Text(error, "message") : "not mined" });
        }

        List<GenesisAccount> accounts = [.. GenesisOf(fork, programs), .. DevChain.Implicit(fork)];
        List<ScriptBlock> blocks = [.. headers[1..^1].Select(h => new ScriptBlock(h, [])), new ScriptBlock(headers[^1], [.. order.Select(i => programs[i].Transaction)])];
        List<BlockOutcome> results = [.. headers[1..^1].Select(h => new BlockOutcome(h, [])), new BlockOutcome(headers[^1], outcomes, new Genesis { Accounts = state }.ComputeRoots().StateRoot)];
        return new Result(new ChainScript(fork, headers[0], accounts, blocks), results, order, state);
    }

    private static async Task MineAsync(AnvilProcess anvil, int number)
    {
        await anvil.CallAsync("evm_setNextBlockTimestamp", DevChain.GenesisTime + ((ulong)number * 12)).ConfigureAwait(false);
        await anvil.CallAsync("evm_mine").ConfigureAwait(false);
    }

    private static TxOutcome WithOutput(TxOutcome outcome, JsonElement trace)
    {
        JsonElement call = trace.TryGetProperty("result", out JsonElement result) ? result : throw new InvalidOperationException($"debug_traceTransaction: {trace}");
        byte[] output = call.TryGetProperty("output", out JsonElement text) && text.GetString() is { } hex ? Hex.Decode(hex) : [];
        string note = call.TryGetProperty("error", out JsonElement error) ? error.GetString() ?? "" : "";
        return outcome with { Output = output, Note = note };
    }
}
