using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Devnet.Tests;

/// <summary>A devnet that is kept in its directory.</summary>
public sealed class KeptDevnet : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("opal-kept-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private DevnetOptions Options => new() { DataDirectory = _directory, PortOffset = 21_300, L1BlockTime = TimeSpan.FromSeconds(1) };

    private static async Task<T> WithClient<T>(Uri url, Func<EthClient, Task<T>> ask)
    {
        using var rpc = new HttpRpcClient(url, new HttpRpcClientOptions());
        return await ask(new EthClient(rpc));
    }

    [Fact]
    public async Task A_second_start_goes_on_with_the_same_chains()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        BlockHeader l1, l2;
        DevnetDescription first;
        await using (RunningDevnet devnet = await RunningDevnet.StartAsync(Options, static _ => { }, limit.Token))
        {
            first = devnet.Description;
            while ((await devnet.StatusAsync(limit.Token)).Safe.Number < 2) await Task.Delay(100, limit.Token); // a batch is on L1
            l1 = (await WithClient(first.L1Rpc, c => c.FindHeaderAsync(BlockParameter.Latest, limit.Token)))!;
            l2 = (await WithClient(first.L2Rpc, c => c.FindHeaderAsync(BlockParameter.Latest, limit.Token)))!;
            await RequireFeedAsync(first, limit.Token);
        }

        List<string> said = [];
        await using (RunningDevnet devnet = await RunningDevnet.StartAsync(Options, said.Add, limit.Token))
        {
            Assert.Contains(said, line => line.Contains("goes on", StringComparison.Ordinal));
            Assert.Equal(first.Addresses, devnet.Description.Addresses);
            BlockHeader? sameL1 = await WithClient(first.L1Rpc, c => c.FindHeaderAsync(BlockParameter.At(l1.Number), limit.Token));
            BlockHeader? sameL2 = await WithClient(first.L2Rpc, c => c.FindHeaderAsync(BlockParameter.At(l2.Number), limit.Token));
            Assert.Equal(l1.Hash, sameL1!.Hash);
            Assert.Equal(l2.Hash, sameL2!.Hash);
            ulong safe = l2.Number;
            while ((await devnet.StatusAsync(limit.Token)).Safe.Number <= safe) await Task.Delay(100, limit.Token); // blocks after the restart are posted and derived
        }

        DevnetException other = await Assert.ThrowsAsync<DevnetException>(() => RunningDevnet.StartAsync(Options with { L1BlockTime = TimeSpan.FromSeconds(3) }, static _ => { }, limit.Token));
        Assert.Contains("--l1-block-time is 1s, not 3s", other.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DevnetException>(() => RunningDevnet.StartAsync(Options with { Ephemeral = true }, static _ => { }, limit.Token));
    }

    /// <summary>The sequencer's signed blocks can be followed, and L1 says whose they are.</summary>
    private static async Task RequireFeedAsync(DevnetDescription devnet, CancellationToken cancellation)
    {
        using var node = new HttpRpcClient(devnet.NodeRpc, new HttpRpcClientOptions { Timeout = 2 * FeedApi.Patience });
        using var l1 = new HttpRpcClient(devnet.L1Rpc, new HttpRpcClientOptions());
        RollupConfig rollup = await new RollupNodeClient(node).RollupConfigAsync(cancellation);
        Address signer = await UnsafeBlockSignerReader.ReadAsync([new EthClient(l1)], false, rollup, cancellation);
        Assert.Equal(signer, await UnsafeBlockSignerReader.ReadAsync([new EthClient(l1)], true, rollup, cancellation));
        Assert.Equal(DevnetKeys.Roles.Sequencer.Address, signer);
        var feed = new FeedUnsafeSource(node, new BlockSigners(_ => Task.FromResult(signer), TimeSpan.FromMinutes(1), TimeProvider.System), rollup, NativeCrypto.Instance, new UnsafeFeed());
        BlockHeader latest = (await feed.LatestAsync(0, cancellation))!;
        Assert.True((await feed.LatestAsync(latest.Number, cancellation))!.Number > latest.Number);
        Assert.Equal(1ul, (await feed.BlockAsync(1, cancellation))!.Number);
    }

    [Fact]
    public void A_directory_of_another_devnet_is_told_apart()
    {
        var state = new DevnetState { L1ChainId = 900, EmbeddedL1 = true, L1BlockSeconds = 2, L2BlockSeconds = 1, WithUpgrades = true, Began = 5, Deployed = true, GasUsed = 7 };
        state.Write(_directory);
        Assert.Equal(state, DevnetState.Read(_directory));
        state.RequireSame(_directory, 900, true, 2, 1, WithdrawalProofs.OutputOracle);
        string message = Assert.Throws<DevnetException>(() => state.RequireSame(_directory, 31337, false, 2, 2, WithdrawalProofs.Games)).Message;
        Assert.Contains("--l2-block-time is 1s, not 2s", message, StringComparison.Ordinal);
        Assert.Contains("chain id is 900, not 31337", message, StringComparison.Ordinal);
        Assert.Contains("--proofs is output-oracle, not games", message, StringComparison.Ordinal);
        (state with { Proofs = WithdrawalProofs.Games }).Write(_directory);
        Assert.Equal(WithdrawalProofs.Games, DevnetState.Read(_directory)!.Proofs);
        File.WriteAllText(Path.Combine(_directory, "devnet-state.json"), "{");
        Assert.Contains("damaged", Assert.Throws<DevnetException>(() => DevnetState.Read(_directory)).Message, StringComparison.Ordinal);
    }
}
