using Opal.Deployer.Commands;
using Opal.Deployer.Config;
using Opal.Deployer.Keys;
using Opal.Deployer.L1;
using Opal.Deployer.L2;
using Opal.Deployer.Tests.Config;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer.Tests;

/// <summary>The verbs' work, from files to files.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opal-commands").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Deploy_then_genesis_give_the_same_chain_in_files()
    {
        WalletKey key = DevAccounts.Keys[9];
        await using FastL1 l1 = await FastL1.StartAsync(key.Address);
        string config = Path.Combine(_folder, "chain.json"), output = Path.Combine(_folder, "out");
        File.WriteAllBytes(config, DeployConfigWriter.ToJson(SampleConfig.Create() with { FinalSystemOwner = key.Address }));
        var lines = new List<string>();
        var options = new DeployL1Options { L1Rpc = l1.Rpc, DeployConfig = config, PrivateKey = key, OutputDirectory = output, Progress = lines.Add, PollInterval = TimeSpan.FromMilliseconds(10) };
        RollupDeploymentResult deployed = await DeployL1Command.RunAsync(options, CancellationToken.None);
        Assert.Contains(lines, line => line.StartsWith("SystemConfigProxy at 0x", StringComparison.Ordinal));

        // every file is there and says the same
        DeploymentAddresses flat = DeploymentAddresses.Load(Path.Combine(output, "deployments.json"));
        Assert.Equal(deployed.Addresses.All, flat.All);
        Assert.Equal(deployed.Addresses.All, DeploymentAddresses.Load(Path.Combine(output, "deployments")).All);
        Assert.Equal(deployed.RollupConfig, RollupConfigFile.Read(Path.Combine(output, "rollup.json")));
        ChainGenesis genesis = GenesisFile.Read(Path.Combine(output, "genesis.json"));
        Assert.Equal(deployed.Genesis.Header.Hash, genesis.Genesis.MakeHeader(genesis.Spec).Hash);
        Assert.Equal(32, JwtSecretFile.Read(Path.Combine(output, "jwt.txt")).Length);

        // the genesis verb finds its start block in the deployments, by file or by folder
        foreach (string deployments in new[] { "deployments.json", "deployments" })
        {
            (L2Genesis again, RollupConfig rollup) = await GenesisL2Command.RunAsync(
                new GenesisL2Options
                {
                    DeployConfig = config,
                    Deployments = Path.Combine(output, deployments),
                    L1Rpc = l1.Rpc,
                    GenesisFile = Path.Combine(_folder, "genesis.json"),
                    RollupFile = Path.Combine(_folder, "rollup.json"),
                },
                CancellationToken.None);
            Assert.Equal(deployed.Genesis.Header.Hash, again.Header.Hash);
            Assert.Equal(deployed.RollupConfig, rollup);
            Assert.Equal(File.ReadAllText(Path.Combine(output, "genesis.json")), File.ReadAllText(Path.Combine(_folder, "genesis.json")));
            Assert.Equal(File.ReadAllText(Path.Combine(output, "rollup.json")), File.ReadAllText(Path.Combine(_folder, "rollup.json")));
        }

        // another start block would make a chain that the output oracle cannot follow
        File.Delete(Path.Combine(output, "deployments.json"));
        File.WriteAllBytes(config, DeployConfigWriter.ToJson(SampleConfig.Create() with { FinalSystemOwner = key.Address, L1StartingBlockTag = "earliest" }));
        DeployerException error = await Assert.ThrowsAsync<DeployerException>(() => GenesisL2Command.RunAsync(
            new GenesisL2Options
            {
                DeployConfig = config,
                Deployments = Path.Combine(output, "deployments"),
                L1Rpc = l1.Rpc,
                GenesisFile = Path.Combine(_folder, "genesis.json"),
                RollupFile = Path.Combine(_folder, "rollup.json"),
            },
            CancellationToken.None));
        Assert.Contains("L2OutputOracle", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0x03cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd")]
    public async Task Config_with_games_leads_to_a_deployment_and_a_placeholder_prestate_is_warned_of(string? prestate)
    {
        string keys = Path.Combine(_folder, ".envrc"), config = Path.Combine(_folder, "chain.json");
        Wallets wallets = WalletsCommand.Run(new WalletsOptions { OutputFile = keys });
        await using FastL1 l1 = await FastL1.StartAsync(wallets.Admin.Address);
        l1.Mine(20);
        DeployConfig made = await NewConfigCommand.RunAsync(
            new NewConfigOptions { Wallets = keys, L1Rpc = l1.Rpc, L2ChainId = 4242, UseFaultProofs = true, AbsolutePrestate = prestate is null ? null : Hash256.Parse(prestate), OutputFile = config }, CancellationToken.None);
        Assert.Equal(prestate is null ? PlaceholderPrestate.Hash : Hash256.Parse(prestate), made.FaultGameAbsolutePrestate);
        File.WriteAllBytes(config, DeployConfigWriter.ToJson(made with { FaultGameInitBond = 77UL }));
        var warnings = new List<string>();
        DeployConfig read = DeployConfigFile.Load(config, warnings.Add);
        Assert.Equal((true, (UInt256)77UL), (read.UseFaultProofs, read.FaultGameInitBond));
        Assert.Equal(prestate is null, warnings.Any(warning => warning.Contains("placeholder", StringComparison.Ordinal)));
        RollupDeploymentResult result = await DeployL1Command.RunAsync(
            new DeployL1Options { L1Rpc = l1.Rpc, DeployConfig = config, PrivateKey = wallets.Admin, OutputDirectory = _folder, PollInterval = TimeSpan.FromMilliseconds(10) }, CancellationToken.None);
        Assert.True(result.Addresses.TryGet("FaultDisputeGame", out _));
    }

    [Fact]
    public async Task Resumed_command_sends_nothing_and_writes_the_same_files()
    {
        WalletKey key = DevAccounts.Keys[9];
        await using FastL1 l1 = await FastL1.StartAsync(key.Address);
        string config = Path.Combine(_folder, "chain.json"), output = Path.Combine(_folder, "out");
        File.WriteAllBytes(config, DeployConfigWriter.ToJson(SampleConfig.Create() with { FinalSystemOwner = key.Address }));
        var options = new DeployL1Options { L1Rpc = l1.Rpc, DeployConfig = config, PrivateKey = key, OutputDirectory = output, PollInterval = TimeSpan.FromMilliseconds(10) };
        await DeployL1Command.RunAsync(options, CancellationToken.None);
        using var rpc = new HttpRpcClient(l1.Rpc);
        ulong nonce = await new EthClient(rpc).GetTransactionCountAsync(key.Address);
        string jwt = File.ReadAllText(Path.Combine(output, "jwt.txt")), rollup = File.ReadAllText(Path.Combine(output, "rollup.json"));
        await DeployL1Command.RunAsync(options, CancellationToken.None);
        Assert.Equal(nonce, await new EthClient(rpc).GetTransactionCountAsync(key.Address));
        Assert.Equal(jwt, File.ReadAllText(Path.Combine(output, "jwt.txt")));
        Assert.Equal(rollup, File.ReadAllText(Path.Combine(output, "rollup.json")));
    }

    [Fact]
    public async Task Keys_and_config_to_begin_with_lead_to_a_deployment()
    {
        string keys = Path.Combine(_folder, ".envrc"), config = Path.Combine(_folder, "chain.json");
        Wallets wallets = WalletsCommand.Run(new WalletsOptions { OutputFile = keys });
        await using FastL1 l1 = await FastL1.StartAsync(wallets.Admin.Address);
        l1.Mine(20);
        await NewConfigCommand.RunAsync(new NewConfigOptions { Wallets = keys, L1Rpc = l1.Rpc, L2ChainId = 4242, OutputFile = config }, CancellationToken.None);
        RollupDeploymentResult result = await DeployL1Command.RunAsync(
            new DeployL1Options
            {
                L1Rpc = l1.Rpc, DeployConfig = config, PrivateKey = Wallets.Load(keys).Admin, OutputDirectory = _folder, PollInterval = TimeSpan.FromMilliseconds(10),
            },
            CancellationToken.None);
        Assert.Equal(4242ul, result.RollupConfig.L2ChainId);
        Assert.InRange(result.StartBlock.Number, 1ul, 19ul); // the finalized block, before the contracts were there
        await Assert.ThrowsAsync<DeployerException>(() => NewConfigCommand.RunAsync(
            new NewConfigOptions { Wallets = keys, L1Rpc = l1.Rpc, L2ChainId = 4242, OutputFile = config }, CancellationToken.None));
    }
}
