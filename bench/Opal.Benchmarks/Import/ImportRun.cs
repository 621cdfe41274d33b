using Microsoft.Extensions.Logging.Abstractions;
using Opal.Crypto;
using Opal.Evm;
using Opal.Execution;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Benchmarks;

/// <summary>What importing a list gave.</summary>
/// <param name="Seconds">One time a block: decode, senders, execution, receipts, root, state layer, journal made durable, head moved.</param>
/// <param name="CloseSeconds">Writing what was in memory and closing.</param>
/// <param name="JournalBytes">Bytes of the blocks on disk.</param>
/// <param name="HistoryBytes">Bytes of the history on disk, after closing.</param>
/// <param name="Memory">Memory of the process after the last block.</param>
/// <param name="Problem">What was wrong; null when nothing was.</param>
internal sealed record ImportResult(IReadOnlyList<double> Seconds, double CloseSeconds, long JournalBytes, long HistoryBytes, ProcessMemory Memory, string? Problem);

/// <summary>Imports the blocks of a list into the node's own database.</summary>
internal sealed class ImportRun(BenchChain chain, StoreTemplate template, TransactionList list, int fillers)
{
    public ImportResult Run()
    {
        string first = template.Copy();
        byte[][] raw = Build(first);
        Directory.Delete(first, recursive: true);

        string directory = template.Copy();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true); // what making the template and the blocks left is not the client's
        var seconds = new List<double>();
        string? problem = null;
        ProcessMemory memory;
        ExecutionClient client = Open(directory);
        double close;
        try
        {
            for (int i = 0; i < raw.Length && problem is null; i++)
            {
                long begin = Clock.Now;
                if (!Block.TryDecode(raw[i], out Block? block)) return new ImportResult([], 0, 0, 0, default, $"block {i + 1} does not decode");
                InsertResult inserted = client.Chain.Insert(block!);
                if (inserted.Block is null || !client.Chain.TrySetHead(inserted.Block.Hash)) return new ImportResult([], 0, 0, 0, default, $"block {i + 1}: {inserted.Status} {inserted.Error}");
                seconds.Add(Clock.Since(begin));
                problem = list.Check(fillers, i, block!.Header.GasUsed, block.Header.StateRoot);
            }

            memory = ProcessMemory.Current();
        }
        finally
        {
            long begin = Clock.Now;
            client.DisposeAsync().AsTask().GetAwaiter().GetResult();
            close = Clock.Since(begin);
        }

        var files = new ChainFiles(directory, NullLogger.Instance);
        var result = new ImportResult(seconds, close, ChainFiles.SizeOf(files.Journal), ChainFiles.SizeOf(files.FlatHistory) + ChainFiles.SizeOf(files.TrieHistory), memory, problem);
        Directory.Delete(directory, recursive: true);
        return result;
    }

    private ExecutionClient Open(string directory) => new(
        new ExecutionClientOptions { Spec = chain.Spec, GenesisHeader = template.GenesisHeader, GenesisAlloc = StateDiff.Empty, Storage = new StorageOptions { Directory = directory, StateHistory = 0 } },
        NativeCrypto.Instance, blobProofs: null, TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>The blocks as they travel.</summary>
    private byte[][] Build(string directory)
    {
        ExecutionClient client = Open(directory);
        try
        {
            RpcServer.Import(client.Chain, chain, list);
            return Enumerable.Range(1, list.Blocks.Length).Select(number => client.Chain.FindCanonical((ulong)number)!.Block.Encode()).ToArray();
        }
        finally
        {
            client.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}
