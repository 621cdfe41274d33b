using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Opal.Crypto;
using Opal.Deployer.Config;
using Opal.Deployer.Contracts;
using Opal.Deployer.L2;
using Opal.Deployer.Tests.Config;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Trie;
using Opal.Testing;

namespace Opal.Deployer.Tests;

public class L2GenesisTests
{
    private const ulong VectorTime = 0x64c811bf;

    [VectorTheory]
    [InlineData("devnet-901-delta", "Delta")]
    [InlineData("devnet-901-ecotone", "Ecotone")]
    [InlineData("devnet-901-fjord", "Fjord")]
    [InlineData("devnet-901-isthmus", "Isthmus")]
    [InlineData("devnet-901-jovian", "Jovian")]
    [InlineData("getting-started-42069-fjord", "Fjord")]
    [InlineData("nogov-77777-fjord", "Fjord")]
    [InlineData("ozean-7849306-fjord", "Fjord")]
    public void Alloc_is_the_official_one_account_by_account(string name, string newestFork)
    {
        using JsonDocument vector = JsonDocument.Parse(Vectors.Read($"genesis/{name}.json"));
        L2Genesis genesis = Build(vector.RootElement, newestFork);
        StateDiff alloc = genesis.Block.ToDiff();
        Dictionary<Address, AccountChange> accounts = alloc.Accounts.ToDictionary(account => account.Address);
        Dictionary<Hash256, int> codeSizes = alloc.Codes.ToDictionary(code => code.Hash, code => code.Code.Length);

        foreach (JsonProperty entry in vector.RootElement.GetProperty("alloc").EnumerateObject())
        {
            Assert.True(accounts.TryGetValue(Address.Parse(entry.Name), out AccountChange? account), $"{entry.Name} is missing");
            Assert.Equal(Number(entry.Value, "nonce"), new UInt256(account.Account.Nonce));
            Assert.Equal(Number(entry.Value, "balance"), account.Account.Balance);
            Assert.True(entry.Value.GetProperty("codeHash").GetString() == account.Account.CodeHash.ToString(), $"the code of {entry.Name} differs");
            Assert.Equal(entry.Value.GetProperty("codeSize").GetInt32(), account.Account.CodeHash == Hash256.EmptyCode ? 0 : codeSizes[account.Account.CodeHash]);
            var expected = new SortedDictionary<UInt256, UInt256>();
            if (entry.Value.TryGetProperty("storage", out JsonElement storage))
            {
                foreach (JsonProperty slot in storage.EnumerateObject()) expected.Add(Word(slot.Name), Word(slot.Value.GetString()!));
            }

            Assert.Equal(expected.Select(slot => (slot.Key, slot.Value)), account.Storage);
        }

        Assert.Equal(vector.RootElement.GetProperty("accounts").GetInt32(), accounts.Count);
        Assert.Equal(vector.RootElement.GetProperty("stateRoot").GetString(), genesis.Header.StateRoot.ToString());
        Assert.Equal(vector.RootElement.GetProperty("messagePasserStorageRoot").GetString(), genesis.MessagePasserStorageRoot.ToString());
    }

    [VectorFact]
    public void Header_is_the_official_one_for_every_fork_at_genesis()
    {
        using JsonDocument vectors = JsonDocument.Parse(Vectors.Read("genesis/headers.json"));
        int cases = 0;
        foreach (JsonElement test in vectors.RootElement.GetProperty("cases").EnumerateArray())
        {
            string newest = test.GetProperty("latestForkActiveAtGenesis").GetString()!.Split('/', '+')[^1];
            using JsonDocument alloc = JsonDocument.Parse(Vectors.Read($"genesis/{test.GetProperty("allocVector").GetString()}.json"));
            L2Genesis genesis = Build(alloc.RootElement, newest);
            Assert.Equal(test.GetProperty("rlp").GetString(), Hex.Encode(genesis.Header.Encode()));
            Assert.Equal(test.GetProperty("hash").GetString(), genesis.Header.Hash.ToString());
            cases++;
        }

        Assert.Equal(7, cases);
    }

    [VectorFact]
    public void Public_chain_is_reproduced_to_its_published_hash()
    {
        // chain 7849306: the published genesis of a public testnet
        using JsonDocument vector = JsonDocument.Parse(Vectors.Read("genesis/ozean-7849306-fjord.json"));
        L2Genesis genesis = Build(vector.RootElement, "Fjord", time: 0x66ce7360, baseFee: 1_000_000_000);
        Assert.Equal("0xb32768b76d1a3e84947da1caf37443f46003bff8f24ceee43db387452cba5da1", genesis.Header.Hash.ToString());
    }

    [VectorFact]
    public void Public_chains_headers_have_their_published_hashes()
    {
        using JsonDocument vectors = JsonDocument.Parse(Vectors.Read("genesis/public-chains.json"));
        Hash256 messagePasser = Hash256.Parse("0x8ed4baae3a927be3dea54996b4d5899f8c01e7594bf50b17dc1e741388ce3d12");
        foreach (JsonElement test in vectors.RootElement.GetProperty("cases").EnumerateArray())
        {
            string newest = test.GetProperty("latestForkActiveAtGenesis").GetString()!.Split('/', ' ')[^(test.GetProperty("latestForkActiveAtGenesis").GetString()!.Contains("karst", StringComparison.Ordinal) ? 4 : 1)];
            JsonElement fields = test.GetProperty("genesisFields");
            DeployConfig config = SampleConfig.Create() with
            {
                Forks = ForkSchedule.AtGenesisThrough(newest),
                L2GenesisBlockGasLimit = (ulong)Number(fields, "gasLimit"),
                L2GenesisBlockBaseFeePerGas = Number(fields, "baseFeePerGas"),
                L2GenesisBlockExtraData = Hex.Decode(fields.GetProperty("extraData").GetString()),
                Eip1559Elasticity = 6,
            };
            ulong time = (ulong)Number(fields, "timestamp");
            var roots = new StateRoots(Hash256.Parse(test.GetProperty("stateRoot").GetString()), messagePasser);
            BlockHeader header = L2Genesis.Describe(config, time).MakeHeader(L2Genesis.SpecOf(config, time), roots);
            Assert.Equal(test.GetProperty("genesisHash").GetString(), header.Hash.ToString());
        }
    }

    [Fact]
    public void Patching_the_compiled_code_gives_what_the_constructor_gives()
    {
        // the second way to immutables: write them over the zeros at the compiler's offsets
        DeployConfig config = SampleConfig.Create();
        L2Genesis genesis = L2Genesis.Build(config, Bridges, VectorTime, ContractBundle.Embedded, NetworkUpgrades.None, NativeCrypto.Instance);
        foreach ((int number, string name, FeeVaultConfig vault) in new[]
        {
            (0x11, "SequencerFeeVault", config.SequencerFeeVault), (0x19, "BaseFeeVault", config.BaseFeeVault), (0x1a, "L1FeeVault", config.L1FeeVault),
        })
        {
            ContractArtifact artifact = ContractBundle.Embedded[name];
            UInt256[] values = [vault.MinimumWithdrawalAmount, vault.Recipient.ToUInt256(), new UInt256((ulong)vault.Network)];
            byte[] code = artifact.RuntimeCode.ToArray();
            for (int i = 0; i < values.Length; i++)
            {
                foreach (int offset in artifact.ImmutableReferences[i]) values[i].WriteBigEndian(code.AsSpan(offset, 32));
            }

            Assert.Equal(code, genesis.Block.Accounts.Single(account => account.Address == L2Contracts.ImplementationOf(L2Contracts.At(number))).Code);
        }
    }

    [Fact]
    public void Fork_after_fjord_at_genesis_asks_for_its_bundle()
    {
        DeployConfig config = SampleConfig.Create() with { Forks = ForkSchedule.AtGenesisThrough("Isthmus") };
        string message = Assert.Throws<DeployerException>(
            () => L2Genesis.Build(config, Bridges, VectorTime, ContractBundle.Embedded, NetworkUpgrades.None, NativeCrypto.Instance)).Message;
        Assert.Contains("Isthmus's network upgrade bundle", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Flags_of_the_gas_price_oracle_are_set_for_forks_at_genesis_only()
    {
        Assert.Equal(UInt256.Zero, Flags(ForkSchedule.AtGenesisThrough("Delta") with { Ecotone = 10, Fjord = 20 }));
        Assert.Equal(UInt256.One, Flags(ForkSchedule.AtGenesisThrough("Ecotone") with { Fjord = 20 }));
        Assert.Equal(new UInt256(0x0101), Flags(ForkSchedule.AtGenesisThrough("Granite")));

        static UInt256 Flags(ForkSchedule forks)
        {
            DeployConfig config = SampleConfig.Create() with { Forks = forks };
            L2Genesis genesis = L2Genesis.Build(config, Bridges, VectorTime, ContractBundle.Embedded, NetworkUpgrades.None, NativeCrypto.Instance);
            GenesisAccount oracle = genesis.Block.Accounts.Single(account => account.Address == L2Contracts.GasPriceOracle);
            return oracle.Storage.SingleOrDefault(slot => slot.Slot.IsZero).Value;
        }
    }

    private static L1BridgeAddresses Bridges => new(SampleConfig.Account(20), SampleConfig.Account(21), SampleConfig.Account(22));

    /// <summary>The genesis of a vector's deploy config, with what the vector leaves unsaid taken from the sample.</summary>
    private static L2Genesis Build(JsonElement vector, string newestFork, ulong time = VectorTime, ulong baseFee = 1)
    {
        JsonNode json = SampleConfig.Json();
        foreach (JsonProperty property in vector.GetProperty("deployConfig").EnumerateObject()) json[property.Name] = JsonNode.Parse(property.Value.GetRawText());
        json["l2GenesisBlockBaseFeePerGas"] = Hex.Quantity(baseFee);
        json["l2GenesisBlockGasLimit"] = 30_000_000;
        json["eip1559DenominatorCanyon"] = 250;
        json["eip1559Elasticity"] = 6;
        DeployConfig config = DeployConfigFile.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), "vector") with { Forks = ForkSchedule.AtGenesisThrough(newestFork) };
        JsonElement l1 = vector.GetProperty("l1Addresses");
        var bridges = new L1BridgeAddresses(At("L1CrossDomainMessengerProxy"), At("L1StandardBridgeProxy"), At("L1ERC721BridgeProxy"));
        L2Genesis genesis = L2Genesis.Build(config, bridges, time, ContractBundle.Embedded, OfficialUpgrades.Load(), NativeCrypto.Instance);
        return genesis;

        Address At(string name) => Address.Parse(l1.GetProperty(name).GetString());
    }

    private static UInt256 Number(JsonElement element, string key) => UInt256.TryParse(element.GetProperty(key).GetString(), out UInt256 number) ? number : throw new FormatException(key);

    private static UInt256 Word(string hex) => UInt256.TryParse(hex, out UInt256 word) ? word : throw new FormatException(hex);
}
