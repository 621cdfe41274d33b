using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Opal.Deployer.Abi;
using Opal.Deployer.Config;
using Opal.Deployer.Contracts;
using Opal.Deployer.L1;
using Opal.Deployer.L2;
using Opal.Deployer.Tests.Config;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Deployer.Tests;

public sealed class L1DeploymentTests : IDisposable
{
    private static readonly Address Deployer = Address.Parse("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    private readonly string _folder = Directory.CreateTempSubdirectory("opal-deployer").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static L1DeploymentOptions Fast => new() { PollInterval = TimeSpan.FromMilliseconds(1), MaxInFlight = 128 };

    private static RollupDeploymentOptions Options(DeployConfig config, TestL1 l1, L1DeploymentOptions? options = null) =>
        new() { Config = config, L1 = l1, Deployment = options ?? Fast };

    private static TestL1 FreshL1()
    {
        var l1 = new TestL1(Deployer);
        l1.PutCode(DeterministicDeployer.Address, DeterministicDeployer.Code);
        return l1;
    }

    [Fact]
    public async Task Output_oracle_variant_deploys_in_few_blocks_and_is_verified()
    {
        using TestL1 l1 = FreshL1();
        RollupDeploymentResult result = await RollupDeployment.DeployAsync(Options(SampleConfig.Create(), l1), CancellationToken.None);
        Assert.Equal(result.StartBlock.Timestamp, result.RollupConfig.GenesisL2Time);
        Assert.Equal(result.Genesis.Header.Hash, result.RollupConfig.GenesisL2.Hash);
        Assert.Equal(new EcotoneScalar(1368, 810949).Encode(), result.RollupConfig.GenesisSystemConfig.Scalar);
        Assert.Equal(SampleConfig.Account(2), result.RollupConfig.GenesisSystemConfig.BatcherAddress);
        Assert.Equal(30_000_000ul, result.RollupConfig.GenesisSystemConfig.GasLimit);
        Assert.True(l1.BlockNumber <= 5, $"{l1.BlockNumber} blocks");
        Assert.All(l1.Included, entry => Assert.True(entry.GasUsed < entry.Transaction.GasLimit * 99 / 100));
    }

    [Fact]
    public async Task Start_block_that_is_named_makes_the_deployment_one_batch()
    {
        using TestL1 l1 = new(Deployer, blockGasLimit: 100_000_000);
        l1.PutCode(DeterministicDeployer.Address, DeterministicDeployer.Code);
        DeployConfig config = SampleConfig.Create() with { L1StartingBlockTag = "1" };
        RollupDeploymentResult result = await RollupDeployment.DeployAsync(Options(config, l1), CancellationToken.None);
        Assert.Equal(1ul, result.StartBlock.Number);
        Assert.Equal(2ul, l1.BlockNumber);
    }

    [Fact]
    public async Task Fault_proof_variant_anchors_the_genesis_output_root_and_takes_games()
    {
        using TestL1 l1 = FreshL1();
        DeployConfig config = SampleConfig.Create() with { UseFaultProofs = true };
        RollupDeploymentResult result = await RollupDeployment.DeployAsync(Options(config, l1), CancellationToken.None);
        ContractArtifact registry = ContractBundle.Embedded["AnchorStateRegistry"], factory = ContractBundle.Embedded["DisputeGameFactory"];
        L1CallResult anchors = await l1.CallAsync(result.Addresses["AnchorStateRegistryProxy"], registry.Function("anchors").Encode(0UL), UInt256.Zero, null, CancellationToken.None);
        Assert.Equal(result.Genesis.OutputRoot, new Hash256(anchors.Data.AsSpan(0, 32)));

        byte[] create = factory.Function("create").Encode(0UL, Keccak256.Hash("claim"u8), new UInt256(1).ToBigEndianArray());
        L1CallResult game = await l1.CallAsync(result.Addresses["DisputeGameFactoryProxy"], create, UInt256.Zero, null, CancellationToken.None);
        Assert.True(game.Success, RevertReason.Describe(game.Data));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20)]
    [InlineData(36)]
    public async Task Deployment_resumes_after_a_crash_and_ends_the_same(int crashAfter)
    {
        L1DeploymentOptions options = Fast with { JournalPath = Path.Combine(_folder, "journal.json"), MaxInFlight = 5 };
        using TestL1 whole = FreshL1(), broken = FreshL1();
        RollupDeploymentResult expected = await RollupDeployment.DeployAsync(Options(SampleConfig.Create(), whole, options with { JournalPath = null }), CancellationToken.None);

        broken.CrashAfter = crashAfter;
        await Assert.ThrowsAsync<IOException>(() => RollupDeployment.DeployAsync(Options(SampleConfig.Create(), broken, options), CancellationToken.None));
        broken.CrashAfter = null;
        RollupDeploymentResult resumed = await RollupDeployment.DeployAsync(Options(SampleConfig.Create(), broken, options), CancellationToken.None);
        Assert.Equal(expected.Addresses.All, resumed.Addresses.All);
        Assert.Equal(whole.Included.Count, broken.Included.Count);

        // and once more: nothing is left to do
        int before = broken.Broadcasts;
        RollupDeploymentResult again = await RollupDeployment.DeployAsync(Options(SampleConfig.Create(), broken, options), CancellationToken.None);
        Assert.Equal(before, broken.Broadcasts);
        Assert.Equal(resumed.Genesis.Header.Hash, again.Genesis.Header.Hash);
    }

    [Fact]
    public async Task Deployment_that_lost_its_last_transactions_in_a_reorg_sends_them_again()
    {
        L1DeploymentOptions options = Fast with { JournalPath = Path.Combine(_folder, "journal.json") };
        DeployConfig config = SampleConfig.Create() with { L1StartingBlockTag = "1" };
        using TestL1 l1 = FreshL1();
        RollupDeploymentResult first = await RollupDeployment.DeployAsync(Options(config, l1, options), CancellationToken.None);
        int all = l1.Included.Count;
        l1.Forget(transaction => transaction.Nonce < 20);
        Assert.Equal(20, l1.Included.Count);
        RollupDeploymentResult second = await RollupDeployment.DeployAsync(Options(config, l1, options), CancellationToken.None);
        Assert.Equal(first.Addresses.All, second.Addresses.All);
        Assert.Equal(all, l1.Included.Count);
    }

    [Fact]
    public async Task Journal_of_an_L1_that_was_reset_is_noticed()
    {
        L1DeploymentOptions options = Fast with { JournalPath = Path.Combine(_folder, "journal.json") };
        using TestL1 l1 = FreshL1();
        await RollupDeployment.DeployAsync(Options(SampleConfig.Create(), l1, options), CancellationToken.None);
        l1.Reset();
        DeployerException error = await Assert.ThrowsAsync<DeployerException>(() => RollupDeployment.DeployAsync(Options(SampleConfig.Create(), l1, options), CancellationToken.None));
        Assert.Contains("journal.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_config_is_refused_on_resume_by_the_step_it_touches()
    {
        L1DeploymentOptions options = Fast with { JournalPath = Path.Combine(_folder, "journal.json") };
        using TestL1 l1 = FreshL1();
        await RollupDeployment.DeployAsync(Options(SampleConfig.Create(), l1, options), CancellationToken.None);
        DeployConfig changed = SampleConfig.Create() with { BatchSenderAddress = SampleConfig.Account(99) };
        DeployerException error = await Assert.ThrowsAsync<DeployerException>(() => RollupDeployment.DeployAsync(Options(changed, l1, options), CancellationToken.None));
        Assert.Contains("SystemConfigProxy.initialize", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failed_step_is_named_with_its_reason()
    {
        using TestL1 l1 = FreshL1();
        DeployConfig config = SampleConfig.Create() with { L2GenesisBlockGasLimit = 1 }; // passes by the file's checks, as a caller's mistake would
        DeployerException error = await Assert.ThrowsAsync<DeployerException>(() => RollupDeployment.DeployAsync(Options(config, l1), CancellationToken.None));
        Assert.Contains("SystemConfigProxy.initialize", error.Message, StringComparison.Ordinal);
        Assert.Contains("delegatecall to new implementation contract failed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silence_of_L1_ends_in_fee_bumps_and_then_a_clear_message()
    {
        using TestL1 l1 = FreshL1();
        l1.MinesNothing = true;
        L1DeploymentOptions options = Fast with { ResubmitAfter = TimeSpan.FromMilliseconds(20), GiveUpAfter = TimeSpan.FromMilliseconds(100), MaxInFlight = 4 };
        DeployerException error = await Assert.ThrowsAsync<DeployerException>(() => RollupDeployment.DeployAsync(Options(SampleConfig.Create(), l1, options), CancellationToken.None));
        Assert.Contains("AddressManager", error.Message, StringComparison.Ordinal);
        Assert.Contains("resume", error.Message, StringComparison.Ordinal);
        Assert.True(l1.Broadcasts >= 8, $"{l1.Broadcasts} broadcasts");
    }

    [Fact]
    public async Task Wrong_chain_wrong_start_time_and_empty_account_are_refused_before_anything_is_sent()
    {
        using TestL1 l1 = FreshL1();
        await Refused(SampleConfig.Create() with { L1ChainId = 1 }, "chain id 900");
        await Refused(SampleConfig.Create() with { L1StartingBlockTag = "77" }, "no block '77'");
        await Refused(SampleConfig.Create() with { L1StartingBlockTag = "1", L2OutputOracleStartingTimestamp = 5 }, "l2OutputOracleStartingTimestamp is 5");
        Assert.Equal(0, l1.Broadcasts);

        async Task Refused(DeployConfig config, string why)
        {
            DeployerException error = await Assert.ThrowsAsync<DeployerException>(() => RollupDeployment.DeployAsync(Options(config, l1), CancellationToken.None));
            Assert.Contains(why, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Deterministic_deployer_is_created_where_it_is_missing_and_can_be_done_without()
    {
        using TestL1 l1 = new(Deployer), plain = new(Deployer);
        RollupDeploymentResult result = await RollupDeployment.DeployAsync(Options(SampleConfig.Create(), l1), CancellationToken.None);
        Assert.Equal(DeterministicDeployer.Code.ToArray(), l1.CodeOf(DeterministicDeployer.Address).ToArray());
        Assert.Equal(Address.Parse("0x67866A5052E5302aaD08e9f352331fd8622eB6DC"), result.Addresses["SystemConfig"]);

        RollupDeploymentResult without = await RollupDeployment.DeployAsync(Options(SampleConfig.Create(), plain, Fast with { UseCreate2 = false }), CancellationToken.None);
        Assert.True(plain.CodeOf(DeterministicDeployer.Address).IsEmpty);
        Assert.NotEqual(result.Addresses["SystemConfig"], without.Addresses["SystemConfig"]);
    }

    [Fact]
    public async Task Second_chain_shares_the_implementations_of_the_first()
    {
        using TestL1 l1 = FreshL1();
        RollupDeploymentResult first = await RollupDeployment.DeployAsync(Options(SampleConfig.Create(), l1), CancellationToken.None);
        int transactions = l1.Included.Count;
        RollupDeploymentResult second = await RollupDeployment.DeployAsync(Options(SampleConfig.Create() with { L2ChainId = 902 }, l1), CancellationToken.None);
        Assert.Equal(first.Addresses["OptimismPortal"], second.Addresses["OptimismPortal"]);
        Assert.NotEqual(first.Addresses["OptimismPortalProxy"], second.Addresses["OptimismPortalProxy"]);
        Assert.Equal(9, transactions - (l1.Included.Count - transactions));
    }

    [Theory]
    [InlineData(ConfigUpdateKind.Eip1559Params, 0x32_0000_0006ul)]
    [InlineData(ConfigUpdateKind.OperatorFee, 12ul)]
    [InlineData(ConfigUpdateKind.MinBaseFee, 100_000ul)]
    [InlineData(ConfigUpdateKind.DAFootprintGasScalar, 500ul)]
    public async Task Config_update_is_logged_by_the_proxy_and_the_implementation_put_back(ConfigUpdateKind kind, ulong value)
    {
        using TestL1 l1 = FreshL1();
        DeployConfig config = SampleConfig.Create() with { FinalSystemOwner = Deployer };
        RollupDeploymentResult result = await RollupDeployment.DeployAsync(Options(config, l1), CancellationToken.None);
        Address proxy = result.Addresses["SystemConfigProxy"];
        IReadOnlyDictionary<UInt256, UInt256> before = l1.StorageOf(proxy);
        l1.Logs.Clear();
        await ConfigUpdateEmitter.EmitAsync(l1, ContractBundle.Embedded, result.Addresses, kind, value, Fast, CancellationToken.None);
        LogEntry log = Assert.Single(l1.Logs, log => log.Address == proxy && log.Topics.Length == 3);
        Assert.Equal("0x1d2b0bda21d56b8bd12d4f94ebacffdfb35f5e226f84b461103bb8beab6353be", log.Topics[0].ToString());
        Assert.Equal(UInt256.Zero, log.Topics[1].ToUInt256());
        Assert.Equal(new UInt256((ulong)kind), log.Topics[2].ToUInt256());
        Assert.Equal(AbiCodec.Encode("(bytes)", new UInt256(value).ToBigEndianArray()), log.Data);
        Assert.Equal(before, l1.StorageOf(proxy));
    }

    [VectorTheory]
    [InlineData("l1-output-oracle")]
    [InlineData("l1-fault-proofs")]
    public async Task Contracts_and_storage_are_the_official_scripts(string name)
    {
        using JsonDocument vector = JsonDocument.Parse(Vectors.Read($"genesis/{name}.json"));
        JsonNode json = JsonNode.Parse(vector.RootElement.GetProperty("deployConfig").GetRawText())!;
        json["l2OutputOracleStartingTimestamp"] = -1;
        DeployConfig config = DeployConfigFile.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), name);
        using TestL1 l1 = new(Deployer, config.L1ChainId);
        l1.PutCode(DeterministicDeployer.Address, DeterministicDeployer.Code);
        RollupDeploymentResult result = await RollupDeployment.DeployAsync(Options(config, l1, Fast with { DeployBothSets = true }), CancellationToken.None);

        var differences = new List<string>();
        int slots = 0, same = 0, universal = 0;
        Dictionary<string, string> official = vector.RootElement.GetProperty("contracts").EnumerateObject()
            .ToDictionary(entry => entry.Name, entry => entry.Value.GetProperty("address").GetString()!);
        foreach (JsonProperty entry in vector.RootElement.GetProperty("contracts").EnumerateObject())
        {
            if (entry.Name.StartsWith("Safe", StringComparison.Ordinal) || entry.Name == "SystemOwnerSafe") continue;
            Address address = result.Addresses[entry.Name];
            Assert.Equal(entry.Value.GetProperty("codeSize").GetInt32(), l1.CodeOf(address).Length);
            if (address == Address.Parse(official[entry.Name])) universal++;
            IReadOnlyDictionary<UInt256, UInt256> storage = l1.StorageOf(address);
            if (!entry.Value.TryGetProperty("storage", out JsonElement expected)) continue;
            foreach (JsonProperty slot in expected.EnumerateObject())
            {
                slots++;
                UInt256 key = Word(slot.Name);
                // where the official script has its own Safe as owner, ours has finalSystemOwner
                string wanted = Resolve(slot.Value.GetString()!.Replace("<SystemOwnerSafe>", config.FinalSystemOwner.ToString()[2..], StringComparison.Ordinal), result.Addresses);
                string got = Hex.Encode(storage.GetValueOrDefault(key).ToBigEndianArray());
                if (wanted == got) same++;
                else differences.Add($"{entry.Name}[{key.ToQuantity()}] is {got}, not {wanted}");
            }
        }

        // what differs by design: owners (the key instead of a Safe), mappings keyed by proxies, games, block numbers and times
        Assert.True(universal >= 14, $"{universal} universal addresses");
        Assert.Equal(14, universal);
        Assert.Equal([], differences.Where(difference => !DiffersByDesign.Any(place => difference.StartsWith(place, StringComparison.Ordinal))));
        Assert.True(same >= 124, $"{same} of {slots} slots");
    }

    /// <summary>Slots that cannot be equal: block numbers and times, mappings keyed by the address of a proxy, the addresses of games.</summary>
    private static readonly string[] DiffersByDesign =
    [
        "OptimismPortal[0x1]", "OptimismPortal2[0x1]", "OptimismPortalProxy[0x1]", "OptimismPortal2[0x3b]", "OptimismPortalProxy[0x3b]",
        "SystemConfigProxy[0xa11ee3ab75b40e88a0105e935d17cd36c8faee0138320d776c411291bdbbb19f]",
        "ProxyAdmin[0xa7828a3c", "ProxyAdmin[0x603f1b83", "ProxyAdmin[0xbcabb84d", "L1CrossDomainMessengerProxy[0xa7828a3c", "L1CrossDomainMessengerProxy[0x8a93999c",
        "DisputeGameFactoryProxy[0x4d5a9bd2", "DisputeGameFactoryProxy[0xffdfc124",
    ];

    private static string Resolve(string text, DeploymentAddresses addresses)
    {
        int open = text.IndexOf('<', StringComparison.Ordinal);
        if (open < 0) return text;
        int close = text.IndexOf('>', StringComparison.Ordinal);
        return addresses.TryGet(text[(open + 1)..close], out Address address) ? text[..open] + address.ToString()[2..] + text[(close + 1)..] : text;
    }

    private static UInt256 Word(string hex) => UInt256.TryParse(hex, out UInt256 word) ? word : throw new FormatException(hex);
}
