using System.Buffers.Binary;
using Opal.Deployer.Config;
using Opal.Deployer.Contracts;
using Opal.Deployer.L1;
using Opal.Deployer.L2;
using Opal.Deployer.Tests.Config;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer.Tests;

/// <summary>The deployed contracts do what nodes and users rely on.</summary>
public sealed class DeployedContractsTests : IDisposable
{
    private static readonly Address Deployer = Address.Parse("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    private static readonly UInt256 OneEther = new(1_000_000_000_000_000_000);
    private readonly TestL1 _l1 = new(Deployer);

    public void Dispose() => _l1.Dispose();

    private async Task<RollupDeploymentResult> DeployAsync(Func<DeployConfig, DeployConfig>? change = null)
    {
        _l1.PutCode(DeterministicDeployer.Address, DeterministicDeployer.Code);
        DeployConfig config = SampleConfig.Create() with { L2OutputOracleProposer = Deployer, FinalSystemOwner = Deployer };
        return await RollupDeployment.DeployAsync(
            new RollupDeploymentOptions
            {
                Config = change?.Invoke(config) ?? config,
                L1 = _l1,
                Deployment = new L1DeploymentOptions { PollInterval = TimeSpan.FromMilliseconds(1), MaxInFlight = 128 },
            },
            CancellationToken.None);
    }

    [Fact]
    public async Task Ether_sent_to_the_bridge_becomes_a_deposit_from_the_aliased_messenger()
    {
        RollupDeploymentResult rollup = await DeployAsync();
        (L1Receipt receipt, LogEntry[] logs) = await _l1.SendAsync(rollup.Addresses["L1StandardBridgeProxy"], [], OneEther, 700_000);
        Assert.True(receipt.Success);
        LogEntry log = Assert.Single(logs, log => log.Topics[0] == DepositEvents.Topic);
        Assert.Equal(rollup.RollupConfig.DepositContractAddress, log.Address);
        Assert.True(DepositEvents.TryDecode(log, default, 0, out Transaction? deposit, out _));
        Address alias = Address.FromUInt256(rollup.Addresses["L1CrossDomainMessengerProxy"].ToUInt256() + Address.Parse("0x1111000000000000000000000000000000001111").ToUInt256());
        Assert.Equal(alias, deposit!.From);
        Assert.Equal(L2Contracts.L2CrossDomainMessenger, deposit.To);
        Assert.Equal(OneEther, deposit.Mint);
        Assert.Equal(OneEther, deposit.Value);
        Assert.Equal(490_798ul, deposit.GasLimit);
        Assert.Equal(OneEther, await _l1.GetBalanceAsync(rollup.RollupConfig.DepositContractAddress, CancellationToken.None));
    }

    [Fact]
    public async Task Ether_sent_to_the_portal_is_minted_to_its_sender()
    {
        RollupDeploymentResult rollup = await DeployAsync();
        (_, LogEntry[] logs) = await _l1.SendAsync(rollup.RollupConfig.DepositContractAddress, [], OneEther, 300_000);
        Assert.True(DepositEvents.TryDecode(Assert.Single(logs), default, 0, out Transaction? deposit, out _));
        Assert.Equal((Deployer, (Address?)Deployer, 100_000ul), (deposit!.From, deposit.To, deposit.GasLimit));
    }

    [Fact]
    public async Task Output_is_accepted_at_the_next_block_number_once_its_time_has_come()
    {
        RollupDeploymentResult rollup = await DeployAsync();
        ContractArtifact oracle = ContractBundle.Embedded["L2OutputOracle"];
        Address proxy = rollup.Addresses["L2OutputOracleProxy"];
        byte[] propose = oracle.CallData("proposeL2Output", Keccak256.Hash("output"u8), 120UL, Hash256.Zero, 0UL);
        Assert.False((await _l1.SendAsync(proxy, propose, UInt256.Zero, 300_000)).Receipt.Success); // 240 s after genesis at the earliest
        _l1.Advance(21);
        (L1Receipt receipt, _) = await _l1.SendAsync(proxy, propose, UInt256.Zero, 300_000);
        Assert.True(receipt.Success);
        Assert.InRange(receipt.GasUsed, 104_000ul, 108_500ul);
    }

    [Fact]
    public async Task Games_are_created_permissionless_by_type_0_and_by_the_proposer_as_type_1()
    {
        RollupDeploymentResult rollup = await DeployAsync(config => config with { UseFaultProofs = true });
        ContractArtifact factory = ContractBundle.Embedded["DisputeGameFactory"];
        foreach (uint type in new uint[] { 0, 1 })
        {
            var block = new byte[32];
            BinaryPrimitives.WriteUInt64BigEndian(block.AsSpan(24), 1 + type);
            (L1Receipt receipt, LogEntry[] logs) = await _l1.SendAsync(
                rollup.Addresses["DisputeGameFactoryProxy"], factory.CallData("create", type, Keccak256.Hash("claim"u8), block), UInt256.Zero, 1_000_000);
            Assert.True(receipt.Success);
            Assert.InRange(receipt.GasUsed, 340_000ul, 370_000ul);
            Assert.Contains(logs, log => log.Address == rollup.Addresses["DisputeGameFactoryProxy"]);
        }
    }

    [Fact]
    public async Task Initialisation_announces_what_the_genesis_system_config_says()
    {
        RollupDeploymentResult rollup = await DeployAsync();
        LogEntry[] updates = [.. _l1.Logs.Where(log => log.Address == rollup.RollupConfig.L1SystemConfigAddress && log.Topics[0] == SystemConfigUpdates.Topic)];
        Assert.Equal(3, updates.Length); // batcher, gas config, gas limit
        SystemConfig config = new();
        foreach (LogEntry update in updates) Assert.Equal(SystemConfigUpdateError.None, SystemConfigUpdates.Apply(config, update, isEcotone: true, out config));
        Assert.Equal(rollup.RollupConfig.GenesisSystemConfig, config);
    }
}
