using System.Text.Json;
using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Cli.Tests.Geth;

/// <summary>The built-in networks: the table against the registry, and what <c>--op-network</c> does with it.</summary>
public sealed class NetworkTests : IDisposable
{
    private static readonly string[] LeftOut = ["mainnet/celo", "sepolia/celo-sep"];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private FlagValues Parse(params string[] arguments) => FlagParser.Parse(GethFlags.Table, [$"--datadir={_folder.PathOf("d")}", .. arguments], []);

    [VectorFact]
    public void The_table_is_the_registry_field_by_field()
    {
        byte[] registry = Vectors.Read("configs/superchain-configs.json");
        IReadOnlyDictionary<string, RollupConfig> derivable = SuperchainFile.Parse("registry", registry);
        var listed = new List<string>();
        foreach (JsonProperty chain in JsonElement.Parse(registry).EnumerateObject())
        {
            if (!chain.Value.TryGetProperty("chain_id", out JsonElement id) || LeftOut.Contains(chain.Name)) continue;
            listed.Add(chain.Name);
            Network network = Networks.All.Single(n => n.RegistryName == chain.Name);
            Assert.Equal(chain.Value.GetProperty("name").GetString(), network.Title);
            if (derivable.TryGetValue(chain.Name, out RollupConfig? rollup))
            {
                Assert.Equal(rollup, network.Rollup);
                Assert.False(network.UsesAlternativeDA);
                continue;
            }

            Assert.True(network.UsesAlternativeDA, chain.Name);
            Assert.Equal(id.GetUInt64(), network.Rollup.L2ChainId);
            Assert.Equal(chain.Value.GetProperty("genesis").GetProperty("l2").GetProperty("hash").GetString(), network.Genesis.Hash.ToString());
            JsonElement market = chain.Value.GetProperty("optimism"), forks = chain.Value.GetProperty("hardforks");
            Assert.Equal(market.GetProperty("eip1559_elasticity").GetUInt32(), network.Rollup.FeeMarket.Elasticity);
            Assert.Equal(market.GetProperty("eip1559_denominator").GetUInt32(), network.Rollup.FeeMarket.Denominator);
            Assert.Equal(market.GetProperty("eip1559_denominator_canyon").GetUInt32(), network.Rollup.FeeMarket.DenominatorCanyon);
            for (OptimismFork fork = OptimismFork.Canyon; fork <= OptimismFork.Karst; fork++)
            {
                Assert.Equal(forks.TryGetProperty($"{fork.ToString().ToLowerInvariant()}_time", out JsonElement time) ? time.GetUInt64() : null, network.Rollup.Forks.Of(fork));
            }
        }

        Assert.Equal(listed, Networks.All.Select(n => n.RegistryName));
        foreach (JsonElement entry in JsonElement.Parse(Vectors.Read("configs/chain-list.json")).EnumerateArray())
        {
            string name = entry.GetProperty("identifier").GetString()!;
            if (!LeftOut.Contains(name)) Assert.Equal(entry.GetProperty("chainId").GetUInt64(), Networks.All.Single(n => n.RegistryName == name).Rollup.L2ChainId);
        }
    }

    public static TheoryData<string> GenesisFiles()
    {
        var data = new TheoryData<string>();
        if (Vectors.Root is null) return data;
        foreach (JsonElement entry in JsonElement.Parse(Vectors.Read("configs/genesis-index.json")).EnumerateArray()) data.Add(entry.GetProperty("file").GetString()!);
        return data;
    }

    [VectorTheory]
    [MemberData(nameof(GenesisFiles))]
    public void Every_public_genesis_file_has_the_hash_of_its_network(string file)
    {
        JsonElement entry = JsonElement.Parse(Vectors.Read("configs/genesis-index.json")).EnumerateArray().Single(e => e.GetProperty("file").GetString() == file);
        Network? network = Networks.All.SingleOrDefault(n => n.Rollup.L2ChainId == entry.GetProperty("chainId").GetUInt64());
        if (network is null)
        {
            Assert.Contains("celo", file);
            return;
        }

        ChainGenesis genesis = GenesisFile.Parse(file, Vectors.Read($"configs/{file}"), network.Spec);
        Assert.Equal(network.Genesis.Hash, genesis.Genesis.MakeHeader(network.Spec).Hash);
        Assert.Equal(network.Rollup.GenesisL2Time, genesis.Genesis.Timestamp);
        Assert.True(Networks.TryFind(genesis.Spec.ChainId, network.Genesis.Hash, out Network? found));
        Assert.Same(network, found);
    }

    [Theory]
    [InlineData("op-mainnet", 10)]
    [InlineData("mainnet/op", 10)]
    [InlineData("optimism", 10)]
    [InlineData("OP_Mainnet", 10)]
    [InlineData("op", 10)]
    [InlineData("op-sepolia", 11155420)]
    [InlineData("optimism_sepolia", 11155420)]
    [InlineData("unichain", 130)]
    [InlineData("unichain-sepolia", 1301)]
    [InlineData("sepolia/unichain", 1301)]
    [InlineData("soneium-minato", 1946)]
    [InlineData("worldchain-mainnet", 480)]
    [InlineData("ink", 57073)]
    [InlineData("mode-sepolia", 919)]
    [InlineData("zora", 7777777)]
    [InlineData("settlus-mainnet", 5371)]
    [InlineData("settlus-sepolia", 5373)]
    public void A_network_has_the_names_that_other_clients_give_it(string name, ulong chainId)
    {
        Assert.True(Networks.TryFind(name, out Network? network));
        Assert.Equal(chainId, network!.Rollup.L2ChainId);
    }

    [Fact]
    public void Names_and_chain_ids_are_unique_and_a_name_that_is_none_finds_nothing()
    {
        Assert.Equal(Networks.All.Count, Networks.All.Select(n => n.Name).Distinct().Count());
        Assert.Equal(Networks.All.Count, Networks.All.Select(n => n.Rollup.L2ChainId).Distinct().Count());
        foreach (Network network in Networks.All)
        {
            Assert.True(Networks.TryFind(network.Name, out Network? byName));
            Assert.True(Networks.TryFind(network.RegistryName, out Network? byRegistry));
            Assert.True(byName == network && byRegistry == network);
            Assert.Null(network.Rollup.Forks.FirstOutOfOrder());
        }

        foreach (string name in new[] { "", "op-", "mainnet", "sepolia", "celo", "base", "genesis.json" }) Assert.False(Networks.TryFind(name, out _), name);
        Assert.False(Networks.TryFind(10, Hash256.Zero, out _));
    }

    [VectorFact]
    public void A_registry_genesis_file_becomes_the_networks_chain_and_no_other()
    {
        string file = _folder.PathOf("metal.json.gz");
        File.Copy(Path.Combine(Vectors.Root!, "configs/genesis/sepolia-metal.json.gz"), file);
        Assert.True(Networks.TryFind("metal-sepolia", out Network? metal));
        Assert.True(Networks.TryFind("ink-sepolia", out Network? ink));
        Assert.Contains("is another chain's genesis", Assert.Throws<GethException>(() => GenesisSource.Initialize(Parse(), file, ink)).Message);
        InitResult result = GenesisSource.Initialize(Parse(), file, metal);
        Assert.Equal((InitStatus.Created, metal!.Genesis.Hash), (result.Status, result.Hash));
        Assert.Equal(InitStatus.AlreadyThere, GenesisSource.Initialize(Parse(), file, metal).Status);

        foreach (FlagValues values in new[] { Parse("--op-network=metal-sepolia"), Parse("--op-network=sepolia/metal"), Parse() })
        {
            ChainGenesis read = GenesisSource.Read(values);
            Assert.Equal(metal.Rollup.Forks, read.Spec.Optimism);
            ExecutionClientOptions options = GethOptions.Of(values, read, [], null);
            Assert.Equal(metal.Genesis.Hash, options.GenesisHeader.Hash);
        }

        Assert.Contains("holds another chain", Assert.Throws<GethException>(() => GenesisSource.Read(Parse("--op-network=ink-sepolia"))).Message);
        Assert.Equal(2_000_000_000ul, GethOptions.Of(Parse("--override.karst=2000000000"), GenesisSource.Read(Parse()), [], null).Spec.Optimism!.Karst);
    }

    [VectorFact]
    public void The_networks_schedule_replaces_the_files_unless_it_is_switched_off()
    {
        // the file as an operator has it from before the later upgrades were scheduled
        Assert.True(Networks.TryFind("metal-sepolia", out Network? metal));
        ChainGenesis full = GenesisFile.Parse("metal", Vectors.Read("configs/genesis/sepolia-metal.json.gz"), metal!.Spec);
        OptimismForkTimes old = metal.Rollup.Forks with { Granite = null, Holocene = null, Isthmus = null, Jovian = null, Karst = null };
        string file = _folder.PathOf("genesis.json");
        GenesisFile.Save(file, full with { Spec = ChainSpec.ForOptimism(metal.Rollup.L2ChainId, old, metal.Rollup.FeeMarket) });
        FlagValues off = Parse("--rollup.superchain-upgrades=false");
        Assert.Equal(metal.Genesis.Hash, GenesisSource.Initialize(off, file, null).Hash);
        Assert.Null(GenesisSource.Read(off).Spec.Optimism!.Granite);
        Assert.Equal(metal.Rollup.Forks, GenesisSource.Read(Parse()).Spec.Optimism);

        // kept from then on, and init with the old file again, as start scripts do it, changes nothing
        Assert.Equal(metal.Rollup.Forks with { Delta = metal.Rollup.Forks.Ecotone }, GenesisSource.Read(off).Spec.Optimism);
        Assert.Equal(InitStatus.AlreadyThere, GenesisSource.Initialize(Parse(), file, null).Status);
    }

    [Fact]
    public void A_genesis_without_its_state_is_refused_and_one_with_another_state_too()
    {
        string json = TestGenesis.Json().Replace("\"number\"", "\"stateHash\": \"0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421\", \"number\"", StringComparison.Ordinal);
        string other = _folder.Write("other.json", json);
        Assert.Contains("and 'stateHash' is 0x56e8", Assert.Throws<GethException>(() => GenesisSource.Initialize(Parse(), other, null)).Message);
        JsonElement without = JsonElement.Parse(json);
        string bare = _folder.Write("bare.json", "{" + string.Join(",", without.EnumerateObject().Where(p => p.Name != "alloc").Select(p => $"\"{p.Name}\":{p.Value.GetRawText()}")) + "}");
        Assert.Contains("has no accounts", Assert.Throws<GethException>(() => GenesisSource.Initialize(Parse(), bare, null)).Message);
    }
}
