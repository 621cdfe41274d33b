using Microsoft.Extensions.Logging.Abstractions;
using Opal.Evm;
using Opal.Execution;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;
using Opal.Storage;

namespace Opal.Benchmarks;

/// <summary>A client's directory with the genesis state in it, copied for each run.</summary>
internal sealed class StoreTemplate : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("opal-bench-").FullName;
    private int _runs;

    /// <param name="chain">The rules.</param>
    /// <param name="accounts">The workloads' accounts.</param>
    /// <param name="fillers">Filler accounts.</param>
    public StoreTemplate(BenchChain chain, IReadOnlyList<WorkloadAccount> accounts, int fillers)
    {
        long begin = Clock.Now;
        string template = Path.Combine(_root, "genesis");
        var files = new ChainFiles(template, NullLogger.Instance);
        using (LmdbStore store = LmdbStore.Open(files.State))
        using (IHistoryLog flat = files.OpenFlatHistory(), trie = files.OpenTrieHistory())
        using (DurableStateStore states = DurableStateStore.Open(store, flat, trie, new DurableStateOptions()))
        {
            DurableStateLoader loader = states.BeginLoad(NodeState.MakeDiff(accounts, 0));
            for (int i = 0; i < fillers; i++) loader.Add(Fillers.AddressOf(i), new Account(0, Fillers.BalanceOf(i), Hash256.EmptyCode));
            GenesisHeader = chain.GenesisHeader(loader.Write());
            loader.Commit(new BlockState(GenesisHeader.Number, GenesisHeader.Hash, GenesisHeader.StateRoot));
        }

        BuildSeconds = Clock.Since(begin);
        StateBytes = ChainFiles.SizeOf(files.State);
    }

    public BlockHeader GenesisHeader { get; }

    /// <summary>How long making it took.</summary>
    public double BuildSeconds { get; }

    /// <summary>Bytes of the state's tables on disk.</summary>
    public long StateBytes { get; }

    /// <summary>A fresh copy.</summary>
    public string Copy()
    {
        string target = Path.Combine(_root, $"run-{_runs++}");
        CopyFolder(Path.Combine(_root, "genesis"), target);
        return target;
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (string folder in Directory.GetDirectories(from)) CopyFolder(folder, Path.Combine(to, Path.GetFileName(folder)));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
