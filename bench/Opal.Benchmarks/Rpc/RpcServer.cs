using Microsoft.Extensions.Logging.Abstractions;
using Opal.Crypto;
using Opal.Evm;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>The node that is asked: an execution client with the workloads' state on disk, in a process of its own. It says its port and serves until its input ends.</summary>
internal static class RpcServer
{
    public const string Ready = "listening ";

    /// <param name="fillers">Filler accounts in the genesis state.</param>
    /// <param name="import">Whether the blocks of `mixed` are in the chain.</param>
    /// <param name="output">Where the port is said.</param>
    /// <param name="input">Serves until it ends.</param>
    public static async Task<int> RunAsync(int fillers, bool import, TextWriter output, TextReader input)
    {
        if (!BenchFolder.TryFind(Path.Combine("blocks", "expect.json"), out string folder, out string problem)) throw new InvalidDataException(problem);
        BenchGenesis genesis = BenchGenesis.Load(folder);
        BenchChain chain = BenchChain.Ethereum;
        using var template = new StoreTemplate(chain, genesis.Accounts, fillers);
        await using var client = new ExecutionClient(
            new ExecutionClientOptions
            {
                Spec = chain.Spec,
                GenesisHeader = template.GenesisHeader,
                GenesisAlloc = StateDiff.Empty,
                Storage = new StorageOptions { Directory = template.Copy() },
                Pool = new PoolOptions { GlobalSlots = 20_000, GlobalQueue = 20_000, PriceLimit = UInt256.Zero },
                Endpoints = [new RpcEndpoint { Name = "http", Port = 0, Namespaces = ["eth", "net", "web3"] }],
            },
            NativeCrypto.Instance, blobProofs: null, TimeProvider.System, NullLoggerFactory.Instance);
        if (import) Import(client.Chain, chain, TransactionList.Load(folder, "mixed", genesis.Expect));
        await client.StartAsync(CancellationToken.None);
        await output.WriteLineAsync($"{Ready}{client.AddressOf("http").Port}");
        await output.FlushAsync();
        await input.ReadToEndAsync();
        return 0;
    }

    /// <summary>Builds the blocks of a list on a chain and makes them canonical.</summary>
    public static void Import(Blockchain chain, BenchChain rules, TransactionList list)
    {
        for (int i = 0; i < list.Blocks.Length; i++)
        {
            ExecutedBlock parent = chain.Head;
            Transaction[] transactions = list.Decode(i);
            SenderRecovery.Recover(transactions);
            using ExecutorLease lease = chain.RentExecutor();
            ExecutionResult begun = lease.Executor.TryBegin(parent.Header, rules.AttributesOf((ulong)i + 1), chain.OpenState(parent)!, BuildOptions.Default, out BlockBuilder? builder);
            if (!begun.IsValid) throw new InvalidDataException($"block {i + 1} cannot begin: {begun.Describe()}");
            foreach (Transaction transaction in transactions)
            {
                if (builder!.TryAdd(transaction, out TransactionVerdict verdict) != AddResult.Included) throw new InvalidDataException($"block {i + 1}: a transaction is not taken: {verdict}");
            }

            BlockError error = builder!.Seal(out BuiltBlock? built);
            if (error != BlockError.None) throw new InvalidDataException($"block {i + 1} cannot be sealed: {Descriptions.Of(error)}");
            if (chain.InsertBuilt(built!).Status != InsertStatus.Inserted || !chain.TrySetHead(built!.Block.Hash)) throw new InvalidDataException($"block {i + 1} is not kept");
        }
    }
}
