using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Opal.Cli.EvmTool;
using Opal.Cli.Witness;
using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;
using Opal.Trie;

namespace Opal.Cli.Tests;

/// <summary>`opal witness run` on a block made here: one deposit, the proofs of the accounts that it touches as its witness.</summary>
public sealed class WitnessCommandTests : IDisposable
{
    private static readonly Address From = Address.Parse("0x00000000000000000000000000000000000000f1");
    private static readonly Address To = Address.Parse("0x00000000000000000000000000000000000000f2");

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static (int Code, string Out, string Error) Run(bool json, params string[] paths)
    {
        using var stdout = new StringWriter();
        using var stderr = new StringWriter();
        int code = WitnessCommand.Run(paths, json, stdout, stderr);
        return (code, stdout.ToString(), stderr.ToString());
    }

    private sealed class State(IStateView view) : IExecutionState
    {
        public bool TryGetAccount(in Address address, out Account account) => view.TryGetAccount(address, out account);

        public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => view.GetStorage(address, slot, out value);

        public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => view.GetCode(codeHash);

        public bool HasStorage(in Address address) => view.HasStorage(address);

        public Hash256 GetBlockHash(ulong number) => Hash256.Zero;

        public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf) => view.ComputeRoots(diff, storageRootOf);
    }

    /// <summary>Description and pre-images of the block.</summary>
    private static (string Json, byte[] Preimages, Hash256 Hash) MakeBlock()
    {
        List<GenesisAccount> accounts = [new(From, 1_000, 4, [], []), new(To, 1, 0, [], []), new(Address.Parse("0x00000000000000000000000000000000000000f3"), 9, 1, [], [])];
        IStateView view = ToolAlloc.ToStore(accounts, out Hash256 root).Open(root)!;
        var parent = new BlockHeader { StateRoot = root, Number = 6, Timestamp = 100, GasLimit = 30_000_000, BaseFeePerGas = 1_000_000_000UL };
        var deposit = new Transaction { Type = TransactionType.Deposit, SourceHash = Hash256.EmptyCode, From = From, To = To, Mint = 5UL, Value = 500UL, GasLimit = 50_000 };
        var attributes = new PayloadAttributes { Timestamp = 102, GasLimit = 30_000_000, Transactions = [deposit.Encoded], NoTxPool = true };
        ChainSpec spec = ChainSpec.ForOptimism(77, OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Regolith), OptimismFeeMarket.Standard);
        using var executor = new BlockExecutor(NativeCrypto.Instance, spec);
        Assert.True(executor.TryBegin(parent, attributes, new State(view), BuildOptions.Default, out BlockBuilder? builder).IsValid);
        Assert.Equal(BlockError.None, builder!.Seal(out BuiltBlock? built));

        string json = $$$"""
            {"network": "made-here", "chainId": 77, "blockNumber": 7, "fork": "regolith", "parentHash": "{{{parent.Hash}}}", "parentHeaderRlp": "{{{Hex.Encode(parent.Encode())}}}",
             "attributes": {"timestamp": "0x66", "prevRandao": "{{{Hash256.Zero}}}", "suggestedFeeRecipient": "{{{Address.Zero}}}", "parentBeaconBlockRoot": null,
                            "transactions": ["{{{Hex.Encode(deposit.Encoded)}}}"], "gasLimit": "0x1c9c380"},
             "expectedBlockHash": "{{{built!.Block.Hash}}}", "expectedHeaderRlp": null,
             "rollupConfig": {"block_time": 2, "chain_op_config": {"eip1559Elasticity": 6, "eip1559Denominator": 50, "eip1559DenominatorCanyon": 250} }}
            """;
        byte[][] nodes = [.. new[] { From, To, Address.Zero }.SelectMany(a => view.GetProof(a, []).Nodes).DistinctBy(n => Keccak256.Hash(n))];
        return (json, Records(nodes), built.Block.Hash);
    }

    private static byte[] Records(IEnumerable<byte[]> values)
    {
        using var records = new MemoryStream();
        Span<byte> length = stackalloc byte[4];
        foreach (byte[] value in values)
        {
            records.Write(Keccak256.Hash(value).ToArray());
            BinaryPrimitives.WriteInt32LittleEndian(length, value.Length);
            records.Write(length);
            records.Write(value);
        }

        return records.ToArray();
    }

    private static byte[] Zip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress)) gzip.Write(bytes);
        return packed.ToArray();
    }

    [Fact]
    public void The_block_comes_out_of_its_witness_alone()
    {
        (string json, byte[] preimages, Hash256 hash) = MakeBlock();
        string file = _folder.Write("chain/7.json.gz", Zip(Encoding.UTF8.GetBytes(json)));
        _folder.Write("chain/7.preimages.bin.gz", Zip(preimages));
        (int code, string text, string error) = Run(true, file);
        Assert.Equal((0, ""), (code, error));
        Assert.EndsWith("1 passed, 0 failed", text.TrimEnd());
        JsonElement result = Assert.Single(JsonDocument.Parse(text[..(text.LastIndexOf(']') + 1)]).RootElement.EnumerateArray());
        Assert.Equal("chain/7", result.GetProperty("name").GetString());
        Assert.True(result.GetProperty("pass").GetBoolean());
        Assert.Equal(hash.ToString(), result.GetProperty("blockHash").GetString());
        Assert.Equal(hash.ToString(), result.GetProperty("expected").GetString());
        Assert.Equal(21_000, result.GetProperty("gasUsed").GetInt32());
        Assert.True(result.GetProperty("ms").GetDouble() > 0);
        Assert.False(result.TryGetProperty("error", out _));
    }

    [Fact]
    public void Folders_archives_and_plain_files_are_read_and_each_block_runs_once()
    {
        (string json, byte[] preimages, _) = MakeBlock();
        byte[] description = Encoding.UTF8.GetBytes(json);
        _folder.Write("chain/7.json", description);
        string records = _folder.Write("chain/7.preimages.bin", preimages);
        Assert.EndsWith("1 passed, 0 failed", Run(false, _folder.PathOf("chain")).Out.TrimEnd());
        Assert.EndsWith("1 passed, 0 failed", Run(false, records, _folder.PathOf("chain/7.json")).Out.TrimEnd());
        string archive = _folder.Pack("blocks.tar.gz", ("x/8.preimages.bin.gz", Zip(preimages)), ("x/8.json.gz", Zip(description)), ("x/9.json", description), ("x/9.preimages.bin", preimages));
        (int code, string text, string _) = Run(false, archive);
        Assert.Equal(0, code);
        Assert.EndsWith("2 passed, 0 failed", text.TrimEnd());
    }

    [Fact]
    public void Another_hash_fails_and_a_lacking_node_is_named()
    {
        (string json, byte[] preimages, Hash256 hash) = MakeBlock();
        string file = _folder.Write("a/7.json", json.Replace(hash.ToString(), Hash256.EmptyTrie.ToString()));
        _folder.Write("a/7.preimages.bin", preimages);
        (int code, string text, string _) = Run(false, file);
        Assert.Equal(1, code);
        Assert.Contains($"FAIL a/7: the block hash is another; block hash {hash}, expected {Hash256.EmptyTrie}", text);
        Assert.EndsWith("0 passed, 1 failed", text.TrimEnd());

        file = _folder.Write("b/7.json", json);
        _folder.Write("b/7.preimages.bin", []);
        (code, text, _) = Run(false, file);
        Assert.Equal(1, code);
        Assert.Contains("FAIL b/7: ", text);
        Assert.Contains("block hash none", text);
    }

    [Fact]
    public void What_cannot_be_read_is_named_and_the_rest_runs()
    {
        (string json, byte[] preimages, _) = MakeBlock();
        _folder.Write("f/1.json", json);
        _folder.Write("f/1.preimages.bin", preimages);
        _folder.Write("f/2.json", json);                                         // no pre-images
        _folder.Write("f/3.json", "{");
        _folder.Write("f/3.preimages.bin", preimages);
        _folder.Write("f/4.json", json);
        _folder.Write("f/4.preimages.bin", preimages[..^1]);
        _folder.Write("f/5.json", json);
        _folder.Write("f/5.preimages.bin", [.. preimages[..40], (byte)(preimages[40] ^ 1), .. preimages[41..]]);
        _folder.Write("f/6.json.gz", "no gzip");
        _folder.Write("f/6.preimages.bin", preimages);
        _folder.Write("f/7.json", json.Replace("\"attributes\"", "\"nothing\""));
        _folder.Write("f/7.preimages.bin", preimages);
        (int code, string text, string error) = Run(false, _folder.PathOf("absent.json.gz"), _folder.PathOf("f"));
        Assert.Equal(2, code);
        Assert.EndsWith("1 passed, 0 failed", text.TrimEnd());
        Assert.Contains("absent.json.gz: there is no such file", error);
        Assert.Contains("2.json: its pre-images", error);
        Assert.Contains("3.json: not JSON", error);
        Assert.Contains("4.json: the pre-images end inside record", error);
        Assert.Contains("5.json: the key of pre-image 0 is not its value's keccak256", error);
        Assert.Contains("6.json.gz: not gzip, or damaged", error);
        Assert.Contains("7.json: no \"attributes\"", error);
    }
}
