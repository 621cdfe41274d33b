using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.Conformance.Tests.ProtocolTests;
using Opal.Crypto;
using Opal.DevL1;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;


namespace Opal.Conformance.Tests.Rpc;

/// <summary>The chain of the rpc-compat vectors in an execution client in memory.</summary>
internal static class RpcCompatChain
{
    public const string Archive = "rpc/execution-apis-rpc-compat.tar.gz";

    /// <summary>The archive's files by name, without a leading ./</summary>
    public static Dictionary<string, byte[]> ReadFiles() =>
        Vectors.ReadArchive(Archive).ToDictionary(static f => f.Name.StartsWith("./", StringComparison.Ordinal) ? f.Name[2..] : f.Name, static f => f.Data);

    public static byte[] File(this Dictionary<string, byte[]> files, string name) => files.Single(f => f.Key == name || f.Key.EndsWith("/" + name, StringComparison.Ordinal)).Value;

    /// <summary>
    /// A client whose head is the chain's last block. The mined blocks are executed by <see cref="OldBlocks"/>, and each must give the header's state
    /// root; all later ones go the way of any import.
    /// </summary>
    public static ExecutionClient Import(Dictionary<string, byte[]> files)
    {
        JsonElement json = JsonDocument.Parse(files.File("genesis.json")).RootElement;
        var genesis = new Genesis
        {
            Accounts = [.. json.At("alloc").EnumerateObject().Select(GenesisVectorTests.ReadAccount)],
            GasLimit = json.At("gasLimit").ULong(),
        };
        var header = new BlockHeader
        {
            StateRoot = genesis.ComputeRoots().StateRoot,
            TransactionsRoot = Hash256.EmptyTrie,
            ReceiptsRoot = Hash256.EmptyTrie,
            Difficulty = json.At("difficulty").Number(),
            GasLimit = json.At("gasLimit").ULong(),
            ExtraData = json.At("extraData").Bytes(),
        };
        var client = new ExecutionClient(
            new ExecutionClientOptions
            {
                Spec = SpecOf(json.At("config")),
                GenesisHeader = header,
                GenesisAlloc = genesis.ToDiff(),
                ForkBlocksBeforeLondon = [3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33],
                Pool = new PoolOptions { AcceptBlobs = true },
            },
            NativeCrypto.Instance, new KzgBlobProofs(), TimeProvider.System, NullLoggerFactory.Instance);

        var old = new OldBlocks(NativeCrypto.Instance, genesis.ToDiff());
        var blocks = new RlpReader(files.File("chain.rlp"));
        ExecutedBlock parent = client.Chain.Genesis;
        while (!blocks.AtEnd)
        {
            Assert.True(Block.TryRead(ref blocks, out Block? block));
            InsertResult inserted;
            if (block!.Number <= OldForks.LastMined)
            {
                BuiltBlock executed = old.Execute(block);
                Assert.Equal(block.Header.StateRoot, client.Chain.OpenState(parent)!.ComputeRoots(executed.Diff, null).StateRoot);
                inserted = client.Chain.InsertBuilt(executed);
            }
            else
            {
                inserted = client.Chain.Insert(block);
            }

            Assert.True(inserted.Status == InsertStatus.Inserted, $"block {block.Number}: {inserted.Status} {inserted.Error}");
            parent = inserted.Block!;
        }

        return client;
    }

    private static ChainSpec SpecOf(JsonElement config)
    {
        JsonElement blobs = config.At("blobSchedule");
        BlobSchedule.Entry[] entries = [.. new[] { "cancun", "prague", "osaka", "bpo1", "bpo2" }.Select(fork => new BlobSchedule.Entry(config.At(fork + "Time").ULong(), new BlobParameters(
            blobs.At(fork).At("target").ULong(), blobs.At(fork).At("max").ULong(), blobs.At(fork).At("baseFeeUpdateFraction").ULong())))];
        var forks = new EthereumForkTimes
        {
            ParisBlock = config.At("mergeNetsplitBlock").ULong(),
            Shanghai = config.At("shanghaiTime").ULong(),
            Cancun = config.At("cancunTime").ULong(),
            Prague = config.At("pragueTime").ULong(),
            Osaka = config.At("osakaTime").ULong(),
        };
        return ChainSpec.ForEthereum(config.At("chainId").ULong(), forks, new BlobSchedule(entries), config.At("depositContractAddress").Address());
    }
}
