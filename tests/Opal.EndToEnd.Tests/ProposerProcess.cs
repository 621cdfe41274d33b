using System.Diagnostics;
using System.Text.Json;
using Opal.Deployer.Abi;
using Opal.Deployer.Contracts;
using Opal.Deployer.Keys;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.EndToEnd.Tests;

/// <summary>`opal proposer` as a process of its own, on the dispute games of a devnet whose own proposer is stopped.</summary>
[Collection("devnets run one after another")]
public sealed class ProposerProcess : IDisposable
{
    private const int IntervalSeconds = 4;
    private readonly string _home = Directory.CreateTempSubdirectory("opal-e2e-").FullName;
    private JsonElement _devnet;
    private EthClient? _l1;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private sealed record Game(ulong Type, ulong Created, Address Proxy, Address Creator, ulong L2Block, UInt256 Bond);

    [Fact]
    public async Task Games_are_made_at_their_interval_by_a_proposer_that_is_killed_and_started_again()
    {
        await using DevnetUnderTest devnet = await DevnetUnderTest.StartAsync(8_300, "--proofs=games");
        _devnet = devnet.Describe();
        using var rpc = new HttpRpcClient(new Uri(TextOf("l1", "rpc")), new HttpRpcClientOptions());
        _l1 = new EthClient(rpc);
        Address account = Address.Parse(TextOf("roles", "proposer"));
        WalletKey key = DevAccounts.Keys.Single(k => k.Address == account), user = DevAccounts.Keys[3];
        Assert.Equal("null", await LocalRpc.CallAsync(TextOf("proposer", "rpc"), "admin_stopProposer"));
        int before = await CountAsync();

        // a permissioned type refuses a key that is not its proposer's, and makes games with the one that is; withdrawals are not proven by them here
        await using (OpalProcess wrong = Start(user, type: 1))
        {
            Assert.Equal(1, await wrong.WaitAsync(TimeSpan.FromSeconds(20)));
            Assert.Contains(account.ToChecksumString(), wrong.Tail(), StringComparison.Ordinal);
            Assert.Contains(user.Address.ToChecksumString(), wrong.Tail(), StringComparison.Ordinal);
        }

        await using (OpalProcess permissioned = Start(key, type: 1))
        {
            await UntilAsync(permissioned, async () => await CountAsync() > before && permissioned.Tail().Contains("proposed in L1 block", StringComparison.Ordinal));
            Assert.Contains("respects game type 0 alone", permissioned.Tail(), StringComparison.Ordinal);
            Assert.Equal(0, await permissioned.InterruptAsync(TimeSpan.FromSeconds(10)));
        }

        // killed with a game on its way, before anybody waits for its receipt
        await using (OpalProcess killed = Start(key, type: 0))
        {
            await UntilAsync(killed, () => Task.FromResult(killed.Tail().Contains("Published transaction", StringComparison.Ordinal)));
            killed.Kill();
        }

        await using OpalProcess second = Start(key, type: 0);
        await UntilAsync(second, async () => await CountAsync() >= before + 3 && second.Tail().Contains("proposed in L1 block", StringComparison.Ordinal));
        Assert.Contains("Taking up the proposal on its way", second.Tail(), StringComparison.Ordinal);
        Assert.Equal(0, await second.InterruptAsync(TimeSpan.FromSeconds(10)));

        var made = new List<Game>();
        for (int i = 0; i < await CountAsync(); i++) made.Add(await GameAsync(i));
        Assert.All(made, game => Assert.Equal((account, (UInt256)1_000_000_000_000_000UL), (game.Creator, game.Bond)));
        Assert.Equal([1UL, 0UL, 0UL], made.Skip(before).Select(static game => game.Type));
        Game[] open = [.. made.Where(static game => game.Type == 0)]; // the devnet's own among them
        for (int i = 1; i < open.Length; i++)
        {
            Assert.True(open[i].L2Block > open[i - 1].L2Block, string.Join('\n', open.AsEnumerable()));
            Assert.True(open[i].Created >= open[i - 1].Created + IntervalSeconds, string.Join('\n', open.AsEnumerable()));
        }
    }

    /// <summary>As a user of op-proposer starts it.</summary>
    private OpalProcess Start(WalletKey key, int type) => OpalProcess.Start("env",
    [
        $"HOME={_home}", OpalProcess.Opal, "proposer", $"--game-factory-address={TextOf("addresses", "DisputeGameFactoryProxy")}", $"--game-type={type}", $"--proposal-interval={IntervalSeconds}s",
        $"--rollup-rpc={TextOf("node", "rpc")}", $"--l1-eth-rpc={TextOf("l1", "rpc")}", $"--private-key={Hex.Encode(key.PrivateKey.Span)}", "--poll-interval=1s", "--allow-non-finalized", "--num-confirmations=1",
        "--txmgr.receipt-query-interval=500ms", $"--rpc.port={LocalRpc.FreePort()}",
    ]);

    private string TextOf(string part, string name) => _devnet.GetProperty(part).GetProperty(name).GetString()!;

    private async Task<AbiValue[]> ReadAsync(Address at, string contract, string function, params AbiValue[] arguments)
    {
        AbiFunction asked = ContractBundle.Embedded[contract].Function(function);
        Assert.True(asked.TryDecodeResult(await _l1!.CallAsync(at, asked.Encode(arguments)), out AbiValue[] values));
        return values;
    }

    private Address Factory => Address.Parse(TextOf("addresses", "DisputeGameFactoryProxy"));

    private async Task<int> CountAsync() => (int)(await ReadAsync(Factory, "DisputeGameFactory", "gameCount"))[0].AsUInt64();

    private async Task<Game> GameAsync(int index)
    {
        AbiValue[] game = await ReadAsync(Factory, "DisputeGameFactory", "gameAtIndex", (ulong)index);
        Address proxy = game[2].AsAddress();
        AbiValue[] root = await ReadAsync(proxy, "FaultDisputeGame", "claimData", 0UL);
        return new Game(game[0].AsUInt64(), game[1].AsUInt64(), proxy, (await ReadAsync(proxy, "FaultDisputeGame", "gameCreator"))[0].AsAddress(),
            (await ReadAsync(proxy, "FaultDisputeGame", "l2BlockNumber"))[0].AsUInt64(), root[3].AsUInt256());
    }

    private static async Task UntilAsync(OpalProcess process, Func<Task<bool>> reached)
    {
        var clock = Stopwatch.StartNew();
        while (!await reached())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60) && !process.HasExited, process.Tail());
            await Task.Delay(100);
        }
    }
}
