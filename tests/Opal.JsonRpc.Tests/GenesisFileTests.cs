using System.Text;
using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.JsonRpc.Tests;

public class GenesisFileTests
{
    public static TheoryData<string> Chains()
    {
        var data = new TheoryData<string>();
        if (Vectors.Root is null) return data;
        foreach (JsonElement entry in JsonElement.Parse(Vectors.Read("configs/genesis-index.json")).EnumerateArray()) data.Add(entry.GetProperty("file").GetString()!);
        return data;
    }

    [VectorTheory]
    [MemberData(nameof(Chains))]
    public void Public_genesis_files_give_their_block_hash_and_write_back(string file)
    {
        JsonElement expected = JsonElement.Parse(Vectors.Read("configs/genesis-index.json")).EnumerateArray().Single(e => e.GetProperty("file").GetString() == file);
        ChainGenesis chain = GenesisFile.Parse(file, Vectors.Read($"configs/{file}"), chain: SpecOf(expected));
        Assert.Equal(expected.GetProperty("chainId").GetUInt64(), chain.Spec.ChainId);
        Assert.Equal(expected.GetProperty("accounts").GetInt32(), chain.Genesis.Accounts.Count);
        BlockHeader header = chain.Genesis.MakeHeader(chain.Spec);
        Assert.Equal(expected.GetProperty("stateRoot").GetString(), header.StateRoot.ToString());
        Assert.Equal(expected.GetProperty("genesisL2Hash").GetString(), header.Hash.ToString());

        ChainGenesis again = GenesisFile.ReadValue(CodecTests.Written(w => GenesisFile.Write(w, chain)));
        Assert.Equal(chain.Spec.Optimism! with { Delta = chain.Spec.Optimism.Ecotone }, again.Spec.Optimism);
        Assert.Equal(chain.Spec.FeeMarket, again.Spec.FeeMarket);
        Assert.Equal(chain.Genesis.ToDiff().Accounts.Count, again.Genesis.ToDiff().Accounts.Count);
        if (chain.Genesis.Accounts.Count < 2100) Assert.Equal(header.Hash, again.Genesis.MakeHeader(again.Spec).Hash);
    }

    /// <summary>The schedule that the index states, for the files without one of their own.</summary>
    private static ChainSpec SpecOf(JsonElement entry)
    {
        JsonElement forks = entry.GetProperty("hardforks");
        ulong? Time(string fork) => forks.TryGetProperty($"{fork}_time", out JsonElement time) && time.ValueKind == JsonValueKind.Number ? time.GetUInt64() : null;
        var times = new OptimismForkTimes
        {
            Regolith = 0, Canyon = Time("canyon"), Delta = Time("delta"), Ecotone = Time("ecotone"), Fjord = Time("fjord"), Granite = Time("granite"),
            Holocene = Time("holocene"), Isthmus = Time("isthmus"), Jovian = Time("jovian"), Karst = Time("karst"),
        };
        return ChainSpec.ForOptimism(entry.GetProperty("chainId").GetUInt64(), times, OptimismFeeMarket.Standard);
    }

    [VectorFact]
    public void The_RPC_tests_chain_has_its_blob_schedule()
    {
        byte[] text = Vectors.ReadArchive("rpc/execution-apis-rpc-compat.tar.gz").First(f => f.Name.EndsWith("genesis.json", StringComparison.Ordinal)).Data;
        ConfigFileException older = Assert.Throws<ConfigFileException>(() => GenesisFile.Parse("genesis.json", text));
        Assert.Contains("eip150Block: expected 0: chains older than London are not supported", older.Message);

        // the same schedule on a chain that begins with London
        string begun = System.Text.RegularExpressions.Regex.Replace(Encoding.UTF8.GetString(text), "(\"(?:eip|byz|const|pet|ist|muir|ber|lon)[A-Za-z0-9]*Block\":\\s*)[0-9]+", "${1}0");
        ChainGenesis chain = GenesisFile.Parse("genesis.json", Encoding.UTF8.GetBytes(begun));
        Assert.False(chain.Spec.IsOptimism);
        Assert.Equal((36UL, 390UL, 480UL), (chain.Spec.Ethereum!.ParisBlock!.Value, chain.Spec.Ethereum.Shanghai!.Value, chain.Spec.Ethereum.Osaka!.Value));
        Assert.True(chain.Spec.Blobs.TryGet(540, out BlobParameters bpo2));
        Assert.Equal(BlobParameters.Bpo2, bpo2);
        Assert.True(chain.Spec.Blobs.TryGet(449, out BlobParameters cancun));
        Assert.Equal(BlobParameters.Cancun, cancun);
        ChainGenesis again = GenesisFile.ReadValue(CodecTests.Written(w => GenesisFile.Write(w, chain)));
        Assert.Equal(chain.Spec.Ethereum, again.Spec.Ethereum);
        foreach (ulong time in new ulong[] { 420, 450, 480, 510, 540 })
        {
            Assert.True(chain.Spec.Blobs.TryGet(time, out BlobParameters before));
            Assert.True(again.Spec.Blobs.TryGet(time, out BlobParameters after));
            Assert.Equal(before, after);
        }
    }

    private const string Minimal = """
        {"config":{"chainId":901,"terminalTotalDifficulty":0,"regolithTime":0,"canyonTime":0,"ecotoneTime":0,
          "optimism":{"eip1559Elasticity":6,"eip1559Denominator":50}},
         "gasLimit":"30000000","timestamp":5,
         "alloc":{"0x4200000000000000000000000000000000000016":{"balance":"0x10","nonce":"1","code":"0x6001","storage":{"0x1":"0x02","03":"ff"}},
                  "00000000000000000000000000000000000000aa":{"balance":"1000000000000000000000"}}}
        """;

    [Fact]
    public void Loose_forms_are_taken()
    {
        ChainGenesis chain = GenesisFile.Parse("genesis.json", Encoding.UTF8.GetBytes(Minimal));
        Assert.Equal((30_000_000UL, 5UL), (chain.Genesis.GasLimit, chain.Genesis.Timestamp));
        GenesisAccount account = chain.Genesis.Accounts[0];
        Assert.Equal((Predeploys.L2ToL1MessagePasser, (UInt256)16, 1UL), (account.Address, account.Balance, account.Nonce));
        Assert.Equal([((UInt256)1, (UInt256)2), ((UInt256)3, (UInt256)255)], account.Storage);
        Assert.Equal("1000000000000000000000", chain.Genesis.Accounts[1].Balance.ToString());
        Assert.Equal(new OptimismFeeMarket(6, 50, 50), chain.Spec.FeeMarket);
    }

    [Theory]
    [InlineData("\"chainId\":901,", "", "\"chainId\" is missing")]
    [InlineData("\"ecotoneTime\":0,", "\"ecotoneTime\":0,\"amsterdamTime\":7,", "\"amsterdamTime\" is scheduled and not supported")]
    [InlineData("\"terminalTotalDifficulty\":0,", "\"londonBlock\":12965000,", "londonBlock: expected 0: chains older than London are not supported")]
    [InlineData("\"canyonTime\":0,", "", "Ecotone is set to activate before")]
    [InlineData("\"canyonTime\":0,", "\"canyonTime\":0,\"shanghaiTime\":3,", "expected the same time as canyonTime")]
    [InlineData("\"gasLimit\":\"30000000\"", "\"gasLimit\":\"many\"", "gasLimit: expected a whole number")]
    [InlineData("00000000000000000000000000000000000000aa", "aa", "\"aa\" is no address")]
    [InlineData("\"0x02\"", "\"0xzz\"", "storage has \"0xzz\"")]
    [InlineData("\"0x6001\"", "\"0x600\"", "code: expected hexadecimal digits")]
    [InlineData("\"alloc\"", "\"accounts\"", "\"alloc\" is missing")]
    public void Faults_are_named(string from, string to, string message)
    {
        Assert.Contains(from, Minimal);
        ConfigFileException error = Assert.Throws<ConfigFileException>(() => GenesisFile.Parse("genesis.json", Encoding.UTF8.GetBytes(Minimal.Replace(from, to, StringComparison.Ordinal))));
        Assert.StartsWith("genesis.json: ", error.Message);
        Assert.Contains(message, error.Message);
    }

    [Theory]
    [InlineData("\"homesteadBlock\":1150000,\"londonBlock\":12965000,\"terminalTotalDifficulty\":0", "homesteadBlock: expected 0: chains older than London are not supported")]
    [InlineData("\"londonBlock\":1,\"shanghaiTime\":9", "londonBlock: expected 0: chains older than London are not supported")]
    [InlineData("\"berlinBlock\":0", "londonBlock is missing: chains older than London are not supported")]
    public void A_chain_older_than_London_is_refused_by_name(string config, string message)
    {
        string text = $"{{\"config\":{{\"chainId\":1,{config}}},\"gasLimit\":\"30000000\",\"alloc\":{{}}}}";
        ConfigFileException error = Assert.Throws<ConfigFileException>(() => GenesisFile.Parse("genesis.json", Encoding.UTF8.GetBytes(text)));
        Assert.Contains(message, error.Message);
    }

    [VectorFact]
    public void The_superchain_registry_agrees_with_the_genesis_files()
    {
        IReadOnlyDictionary<string, RollupConfig> chains = SuperchainFile.Parse("registry", Vectors.Read("configs/superchain-configs.json"));
        RollupConfig op = chains["mainnet/op"];
        Assert.Equal((10UL, 1UL, 1726070401UL), (op.L2ChainId, op.L1ChainId, op.Forks.Granite!.Value));
        Assert.Equal(Address.Parse("0xbEb5Fc579115071764c7423A4f12eDde41f106Ed"), op.DepositContractAddress);
        int compared = 0;
        foreach (JsonElement entry in JsonElement.Parse(Vectors.Read("configs/genesis-index.json")).EnumerateArray())
        {
            RollupConfig? config = chains.Values.FirstOrDefault(c => c.L2ChainId == entry.GetProperty("chainId").GetUInt64());
            if (config is null) continue;
            compared++;
            Assert.Equal(entry.GetProperty("genesisL2Hash").GetString(), config.GenesisL2.Hash.ToString());
            Assert.Equal(entry.GetProperty("l2Time").GetUInt64(), config.GenesisL2Time);
            Assert.Equal(config, RollupConfigFile.ReadValue(CodecTests.Written(w => RollupConfigFile.Write(w, config))));
        }

        Assert.True(compared > 15, $"{compared} chains");
    }
}
