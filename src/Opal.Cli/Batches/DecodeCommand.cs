using Microsoft.Extensions.Logging.Abstractions;
using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.Cli.Node;
using Opal.Crypto;
using Opal.Devnet;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Spectre.Console;

namespace Opal.Cli.Batches;

/// <summary>Runs <c>opal batch decode</c>: reads from L1 or files, inspects, prints.</summary>
internal static class DecodeCommand
{
    private const string Name = "opal batch decode";

    /// <returns>0 when everything was decoded, 1 when something was not or L1 gave no answer, 2 when the command line or the configuration is wrong.</returns>
    public static async Task<int> RunAsync(DecodeOptions options, Stream stdin, TextWriter stdout, TextWriter stderr, CancellationToken cancellation)
    {
        try
        {
            Check(options);
            Inspection inspection = options.L1 is { } l1 ? await InspectL1Async(options, l1, stderr, cancellation) : InspectFiles(options, stdin);
            if (options.Json) DecodeJson.Write(inspection, stdout);
            else new DecodeReport(inspection, options.Levels, stdout).Write();
            return inspection.HasFaults ? 1 : 0;
        }
        catch (Exception error) when (error is FlagException or ConfigFileException or NodeException)
        {
            await stderr.WriteLineAsync($"{Name}: {error.Message}");
            await stderr.WriteLineAsync($"'{Name} --help' lists what there is.");
            return 2;
        }
        catch (Exception error) when (error is DecodeException or SourceException or RpcTransportException or RpcCallException)
        {
            await stderr.WriteLineAsync($"{Name}: {error.Message}");
            return 1;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await stderr.WriteLineAsync($"{Name}: stopped");
            return 130;
        }
    }

    private static void Check(DecodeOptions options)
    {
        bool hasRange = options.From is not null || options.To is not null, hasTransactions = options.Transactions.Count > 0;
        if (options.L1 is null)
        {
            if (options.Files.Count == 0) throw new FlagException("nothing to decode: give files, or --l1 with --from and --to, or with --tx");
            if (hasRange || hasTransactions || options.Beacon is not null) throw new FlagException("--from, --to, --tx and --l1.beacon go with --l1, and files without");
            return;
        }

        if (options.Files.Count > 0) throw new FlagException("--l1 and files exclude each other; leave one out");
        if (options.RollupFile is null && options.Network is null && (options.Inbox is null || options.Batcher is null))
        {
            throw new FlagException("give the rollup: --rollup.config=rollup.json, --network=NAME for a built-in one, or --inbox and --batcher");
        }

        if (hasRange == hasTransactions) throw new FlagException(hasRange ? "--tx excludes --from and --to" : "give the L1 blocks with --from and --to, or a transaction with --tx");
        if (hasRange && options.From is null) throw new FlagException("give the first L1 block with --from");
        if (options.To < options.From) throw new FlagException($"--from {options.From} is behind --to {options.To}");
    }

    private static Inspection InspectFiles(DecodeOptions options, Stream stdin)
    {
        KnownRollup rollup = RollupOf(options, l1ChainId: 0);
        return Inspection.Of(rollup, new DataFiles(rollup, NativeCrypto.Instance).Read(options.Files, stdin));
    }

    private static async Task<Inspection> InspectL1Async(DecodeOptions options, Uri url, TextWriter stderr, CancellationToken cancellation)
    {
        using var rpc = new HttpRpcClient(url, new HttpRpcClientOptions { MaxConcurrency = 10 });
        var client = new EthClient(rpc);
        ulong chainId = await client.ChainIdAsync(cancellation);
        KnownRollup rollup = RollupOf(options, chainId);
        if (rollup.Config.L1ChainId != chainId)
        {
            throw new DecodeException($"{rpc.Endpoint} serves chain {chainId}, but the rollup's L1 is chain {rollup.Config.L1ChainId}: wrong URL, or wrong rollup configuration");
        }

        using BeaconNodes? beacon = options.Beacon is { } address ? new BeaconNodes([new BeaconClient(address)], NativeBlobCommitments.Instance, chainId, TimeProvider.System, NullLogger.Instance) : null;
        var endpoint = new L1Endpoint(new L1Client(rpc, ProviderKind.Any, trusted: false, TimeProvider.System), new EndpointHealth(TimeProvider.System));
        var l1 = new RpcL1Source([endpoint], new L1SourceOptions(), NullLogger.Instance);
        var inbox = new L1Inbox(rollup, l1, new BlobSource(beacon, archive: null, NullLogger.Instance), NativeCrypto.Instance);
        if (options.Transactions.Count > 0) return Inspection.Of(rollup, await ReadTransactionsAsync(options, client, inbox, cancellation));
        ulong head = await client.BlockNumberAsync(cancellation), from = options.From!.Value, to = options.To ?? head;
        if (Math.Max(from, to) > head) throw new DecodeException($"L1 block {Math.Max(from, to)} is not there yet: L1's head is block {head}");
        var progress = new WorkProgress("reading L1:", stderr, !Console.IsErrorRedirected && AnsiConsole.Profile.Capabilities.Interactive, TimeProvider.System);
        (List<InboxTransaction> transactions, L1BlockRef end) = await inbox.ReadAsync(
            from, to, number => progress.Report((double)(number - from + 1) / (to - from + 1), elapsed => $"block {number} of {to}, {WorkProgress.Rate(number - from + 1, elapsed, "blocks")}"), cancellation);
        progress.Clear();
        return Inspection.Of(rollup, transactions, end);
    }

    private static async Task<List<InboxTransaction>> ReadTransactionsAsync(DecodeOptions options, EthClient client, L1Inbox inbox, CancellationToken cancellation)
    {
        var found = new List<InboxTransaction>();
        foreach (Hash256 hash in options.Transactions)
        {
            TxReceiptInfo receipt = await client.FindReceiptAsync(hash, cancellation) ?? throw new DecodeException($"{client.Rpc.Endpoint} knows no block that holds the transaction {hash}");
            found.Add(await inbox.ReadOneAsync(receipt.Block.Number, hash, cancellation));
        }

        return [.. found.OrderBy(static transaction => transaction.Block!.Value.Number).ThenBy(static transaction => transaction.Index)];
    }

    private static KnownRollup RollupOf(DecodeOptions options, ulong l1ChainId)
    {
        if (options.RollupFile is null && options.Network is null) return KnownRollup.Unknown(options.Inbox, options.Batcher, l1ChainId);
        RollupConfig config = RollupSource.Find(options.RollupFile, options.Network);
        return KnownRollup.Of(options.Inbox is { } inbox ? config with { BatchInboxAddress = inbox } : config, options.Batcher);
    }
}
