using Opal.Batcher;
using Opal.Crypto;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Benchmarks;

/// <summary>Memory at a point of a long run.</summary>
/// <param name="Block">The safe head's number.</param>
/// <param name="Seconds">Deriving time so far.</param>
/// <param name="WorkingSetMB">Resident memory of the process.</param>
/// <param name="OwnMB">That of the process alone, without mapped files.</param>
/// <param name="HeapMB">The managed heap after a full collection.</param>
internal readonly record struct MemorySample(ulong Block, double Seconds, double WorkingSetMB, double OwnMB, double HeapMB);

/// <summary>A long chain derived from L1 alone by a rollup node over an execution client on disk, wired as in production but for the sockets.</summary>
/// <remarks>
/// L1 is made as the chain grows: the next channel names the safe head as its parent, and is posted once everything before it is derived. The time of making
/// L1 is left out. L1 forgets old blocks, so that its own memory stays level.
/// </remarks>
internal sealed class NodeRun : IAsyncDisposable
{
    private const int KeptL1Blocks = 1000;
    private const int SampleCount = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly BenchL1 _l1 = BenchL1.Create(KeptL1Blocks);
    private readonly BenchRollup _rollup;
    private readonly BatchPoster _poster;
    private readonly string _folder = Directory.CreateTempSubdirectory("opal-bench-derivation").FullName;
    private readonly ExecutionClient _client;
    private readonly NodeFiles _files;
    private readonly RollupNode _node;

    /// <summary>A node that has derived nothing.</summary>
    /// <param name="warnings">Gets what the node and the client warn of.</param>
    public NodeRun(TextWriter warnings)
    {
        var log = new WarningLog(warnings);
        _rollup = new BenchRollup(_l1.Genesis);
        _poster = new BatchPoster(_rollup, _l1, Transfers.OneTwoNone(_rollup.Config.L2ChainId), new ChannelShape(AsSpan: true, ChannelCompression.Brotli));
        _client = new ExecutionClient(
            new ExecutionClientOptions
            {
                Spec = _rollup.Spec,
                GenesisHeader = _rollup.GenesisHeader,
                GenesisAlloc = _rollup.Genesis.ToDiff(),
                Storage = new StorageOptions { Directory = Path.Combine(_folder, "geth"), MinFreeDisk = 0 },
            },
            NativeCrypto.Instance, blobProofs: null, TimeProvider.System, log);
        _files = NodeFiles.Open(Path.Combine(_folder, "node"), null, _rollup.Config, log);
        _node = new RollupNode(
            new RollupNodeOptions { Rollup = _rollup.Config, L1Blobs = BlobSchedule.None, L1 = new L1WatcherOptions(TimeSpan.Zero, TimeSpan.Zero), Files = _files },
            new DriverPorts(_l1, _l1, new RpcEngine(new InProcessRpcClient(_client.Registry), _rollup.Config)), NativeCrypto.Instance, TimeProvider.System, log);
    }

    /// <summary>Memory from the beginning to the end.</summary>
    public List<MemorySample> Samples { get; } = [];

    /// <summary>What was posted.</summary>
    public BatchPoster Poster => _poster;

    /// <summary>Derives so many blocks.</summary>
    /// <returns>The seconds it took, and what was wrong.</returns>
    public async Task<(Spent Spent, string? Problem)> RunAsync(ulong blocks, BenchOutput output)
    {
        Spent spent = default;
        ulong nextSample = 0, sampleEvery = Math.Max(1, blocks / SampleCount);
        if (await SyncAsync(0) is { } first) return (default, first);
        while (true)
        {
            L2BlockRef safe = _node.Status.SafeL2;
            if (safe.Number >= nextSample || safe.Number >= blocks)
            {
                Samples.Add(Sample(safe.Number, spent.Seconds));
                nextSample += sampleEvery;
            }

            if (safe.Number >= blocks) return (spent, null);
            output.Progress((int)safe.Number, (int)blocks, "L2 blocks derived by a node");
            _poster.PostNext(blocks, number => number == safe.Number ? safe.Hash : throw new InvalidOperationException("a span names the block before it alone"));
            Spent before = Spent.Now();
            string? problem = await SyncAsync(_poster.Posted);
            spent += Spent.Since(before);
            if (problem is not null) return (spent, problem);
        }
    }

    /// <summary>Looks at L1 and steps the node until the safe head is a block, and nothing is left to do.</summary>
    private async Task<string?> SyncAsync(ulong target)
    {
        await _node.Watcher.PollAsync(CancellationToken.None);
        long begin = Clock.Now;
        while (true)
        {
            DriverProgress progress = await _node.Driver.StepAsync(CancellationToken.None);
            if (progress.State == DriverState.Halted) return $"the node stops: {_node.Driver.HaltReason}";
            if (progress.State == DriverState.Advanced) continue;
            L2BlockRef safe = _node.Status.SafeL2;
            if (progress.Pending is { } pending) await pending;
            else if (safe.Number == target && !safe.Hash.IsZero) return null;
            else if (Clock.Since(begin) > Patience.TotalSeconds) return $"L2 block {target} was posted, and the safe head stays at {safe.Number}";
            else await Task.Delay(TimeSpan.FromMilliseconds(5)); // it waits for its clock: something failed and is tried again
        }
    }

    private static MemorySample Sample(ulong block, double seconds)
    {
        const double Mega = 1e6;
        long heap = GC.GetTotalMemory(forceFullCollection: true);
        return new MemorySample(block, seconds, Environment.WorkingSet / Mega, ProcessMemory.Current().OwnBytes / Mega, heap / Mega);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _files.DisposeAsync();
        await _client.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
