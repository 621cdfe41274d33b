using Opal.Deployer.Config;
using Opal.Deployer.Keys;
using Opal.Deployer.L1;
using Opal.Deployer.Tests.Config;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer.Tests;

/// <summary>The deployment over JSON-RPC onto the embedded L1: real signatures, pool, blocks.</summary>
public class EmbeddedL1Tests
{
    private static readonly WalletKey Key = DevAccounts.Keys[9];

    private static DeployConfig Config => SampleConfig.Create() with { FinalSystemOwner = Key.Address };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whole_deployment_over_rpc_is_ready_within_seconds(bool faultProofs)
    {
        await using FastL1 l1 = await FastL1.StartAsync(Key.Address);
        using var rpc = new HttpRpcClient(l1.Rpc, new HttpRpcClientOptions());
        var sender = new RpcL1Sender(new EthClient(rpc), Key);
        RollupDeploymentResult result = await RollupDeployment.DeployAsync(
            new RollupDeploymentOptions
            {
                Config = Config with { UseFaultProofs = faultProofs },
                L1 = sender,
                Deployment = new L1DeploymentOptions { MaxInFlight = 128, PollInterval = TimeSpan.FromMilliseconds(50), ResubmitAfter = TimeSpan.FromSeconds(30) },
            },
            CancellationToken.None);
        Assert.Equal(Address.Parse("0x67866A5052E5302aaD08e9f352331fd8622eB6DC"), result.Addresses["SystemConfig"]);
        Assert.Equal(result.StartBlock.Timestamp, result.Genesis.Header.Timestamp);
        Assert.Equal(result.Genesis.Header.Hash, result.RollupConfig.GenesisL2.Hash);

        // a deposit of 1 ETH through the bridge reaches the portal
        L1CallResult deposit = await sender.CallAsync(result.Addresses["L1StandardBridgeProxy"], default, new UInt256(1_000_000_000_000_000_000), null, CancellationToken.None);
        Assert.True(deposit.Success);
    }
}
