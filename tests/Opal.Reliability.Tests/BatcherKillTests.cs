using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Opal.Deployer.Keys;
using Opal.EndToEnd.Tests;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;
using Xunit.Abstractions;

namespace Opal.Reliability.Tests;

/// <summary>`opal batcher` killed at random instants under load, with L1 reorganised in between.</summary>
[Collection("one client at a time")]
public sealed class BatcherKillTests(ITestOutputHelper output)
{
    /// <summary>How often the batcher is killed: OPAL_SOAK_BATCHER_KILLS.</summary>
    private static int Kills => int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_BATCHER_KILLS"), CultureInfo.InvariantCulture, out int count) ? count : 5;

    /// <summary>Of the devnet's ports: OPAL_SOAK_BATCHER_PORTS, so that several long runs can go beside one another.</summary>
    private static int PortOffset => int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_BATCHER_PORTS"), CultureInfo.InvariantCulture, out int offset) ? offset : 7_300;

    [Fact]
    public async Task Killed_at_random_instants_it_leaves_no_gap_and_posts_next_to_nothing_twice()
    {
        int seed = Environment.TickCount, reorgs = 0, atWork = 0;
        var random = new Random(seed);
        using var folder = new TemporaryDirectory();
        await using DevnetUnderTest devnet = await DevnetUnderTest.StartAsync(PortOffset, "--verifier", "--ephemeral", "--da", "calldata", "--l1-block-time", "1s");
        JsonElement chain = devnet.Describe();
        string l1Url = chain.GetProperty("l1").GetProperty("rpc").GetString()!, l2Url = chain.GetProperty("l2").GetProperty("rpc").GetString()!, nodeUrl = chain.GetProperty("node").GetProperty("rpc").GetString()!;
        await LocalRpc.CallAsync(chain.GetProperty("batcher").GetProperty("rpc").GetString()!, "admin_stopBatcher");
        Address account = Address.Parse(chain.GetProperty("roles").GetProperty("batcher").GetString()!);
        ReadOnlyMemory<byte> key = DevAccounts.Keys.Single(k => k.Address == account).PrivateKey;
        string[] batcher =
        [
            "batcher", $"--l1-eth-rpc={l1Url}", $"--l2-eth-rpc={l2Url}", $"--rollup-rpc={nodeUrl}", $"--private-key={Hex.Encode(key.Span)}", "--poll-interval=200ms",
            "--max-channel-duration=1", "--num-confirmations=1", "--batch-type=1", "--max-pending-tx=3", "--resubmission-timeout=4s", "--txmgr.receipt-query-interval=200ms",
            $"--journal.dir={Path.Combine(folder.Path, "journal")}", "--rpc.port=0",
        ];
        using var l1Connection = new HttpRpcClient(new Uri(l1Url));
        using var l2Connection = new HttpRpcClient(new Uri(l2Url));
        using var nodeConnection = new HttpRpcClient(new Uri(nodeUrl));
        var node = new RollupNodeClient(nodeConnection);
        using var stop = new CancellationTokenSource();
        Task<int> load = LoadAsync(new EthClient(l2Connection), chain.GetProperty("accounts")[4].GetProperty("privateKey").GetString()!, stop.Token);
        for (int kill = 0; kill < Kills; kill++)
        {
            await using OpalProcess process = OpalProcess.Start(OpalProcess.Opal, [.. batcher, $"--data-availability-type={(random.Next(2) == 0 ? "calldata" : "blobs")}"]); // L1's pools do not take one behind the other
            await WaitForInstantAsync(process, random);
            if (load.IsCompleted) Assert.Fail($"the load stopped after {kill} kills (seed {seed}): {load.Exception}");
            Assert.False(process.HasExited, $"it went away by itself (seed {seed}):\n{process.Tail()}");
            process.Kill();
            if (process.Tail(5000).Contains("msg=\"Published transaction", StringComparison.Ordinal)) atWork++;
            if (kill % 3 != 1) continue;
            await LocalRpc.CallAsync(l1Url, "dev_reorg", $"\"0x{random.Next(1, 4):x}\"");
            reorgs++;
        }

        await using OpalProcess last = OpalProcess.Start(OpalProcess.Opal, [.. batcher, "--data-availability-type=auto"]);
        L2BlockRef target = (await node.SyncStatusAsync()).UnsafeL2;
        Stopwatch clock = Stopwatch.StartNew(), still = Stopwatch.StartNew();
        for (ulong safe = 0; safe < target.Number; await Task.Delay(200))
        {
            ulong before = safe;
            safe = (await node.SyncStatusAsync()).SafeL2.Number;
            if (safe > before) still.Restart();
            Assert.True(still.Elapsed < TimeSpan.FromSeconds(60), $"the safe head stands at {safe}, and should get to {target.Number} (seed {seed}):\n{last.Tail()}");
        }

        TimeSpan behind = clock.Elapsed;
        await stop.CancelAsync();
        int sent = await load;
        RollupConfig config = await node.RollupConfigAsync();
        (int channels, int duplicates) = await PostedChannels.CountAsync(new EthClient(l1Connection), new Uri(chain.GetProperty("l1").GetProperty("beacon").GetString()!), config);
        output.WriteLine($"[count] killed {Kills} times, {atWork} of them after it had published, {reorgs} L1 reorgs, {sent} L2 transactions, {channels} channels, {duplicates} of them duplicates; the last start caught up in {behind.TotalSeconds:F1} s; seed {seed}");
        Assert.True(duplicates <= Kills + reorgs, $"{duplicates} duplicate channels after {Kills} kills and {reorgs} reorgs (seed {seed})");
        Assert.True(atWork >= Kills / 20 && channels > 0, $"killed at work {atWork} times, {channels} channels (seed {seed})");

        // the verifier, which knows L1 alone, has the same chain
        using var verifierConnection = new HttpRpcClient(new Uri(chain.GetProperty("verifier").GetProperty("l2Rpc").GetString()!));
        var verifier = new EthClient(verifierConnection);
        while (await verifier.BlockNumberAsync() < target.Number)
        {
            Assert.True(clock.Elapsed < behind + TimeSpan.FromSeconds(60), $"the verifier does not get to {target.Number} (seed {seed})");
            await Task.Delay(200);
        }

        Assert.Equal((await new EthClient(l2Connection).FindHeaderAsync(BlockParameter.At(target.Number)))!.Hash, (await verifier.FindHeaderAsync(BlockParameter.At(target.Number)))!.Hash);
    }

    /// <summary>
    /// One kill of five comes while the program starts, the others at some instant of its work: mostly in the first two seconds, when it finds out what is on L1, and now
    /// and then much later, so that on a busy machine too it gets to post.
    /// </summary>
    private static async Task WaitForInstantAsync(OpalProcess process, Random random)
    {
        if (random.Next(5) == 0)
        {
            await Task.Delay(random.Next(100, 2000));
            return;
        }

        var clock = Stopwatch.StartNew();
        while (!process.HasExited && clock.Elapsed < TimeSpan.FromSeconds(60) && !process.Tail(5000).Contains("msg=\"Ready: ", StringComparison.Ordinal)) await Task.Delay(20);
        await Task.Delay(random.Next(8) == 0 ? random.Next(2000, 10_000) : random.Next(0, 2000));
    }

    /// <summary>Sends transactions to L2 until it is stopped; gives how many.</summary>
    private static async Task<int> LoadAsync(EthClient l2, string key, CancellationToken stop)
    {
        var signer = new LocalSigner(Hex.Decode(key));
        ulong chainId = await l2.ChainIdAsync(stop);
        int sent = 0;
        try
        {
            for (ulong nonce = await l2.GetTransactionCountAsync(signer.Address, BlockParameter.Latest, stop); ; nonce++, sent++)
            {
                Transaction signed = await signer.SignAsync(new Transaction
                {
                    Type = TransactionType.DynamicFee, ChainId = chainId, Nonce = nonce, MaxFeePerGas = new UInt256(20_000_000_000), MaxPriorityFeePerGas = new UInt256(1_000_000), GasLimit = 60_000,
                    To = signer.Address, Data = System.Security.Cryptography.RandomNumberGenerator.GetBytes(300),
                }, stop);
                await l2.SendRawTransactionAsync(signed.Encoded, stop);
                await Task.Delay(50, stop);
            }
        }
        catch (OperationCanceledException)
        {
            return sent;
        }
    }
}
