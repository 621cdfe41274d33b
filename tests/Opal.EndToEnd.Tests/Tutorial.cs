using System.Globalization;
using System.Text.Json;
using static Opal.EndToEnd.Tests.LocalRpc;

namespace Opal.EndToEnd.Tests;

/// <summary>The classic tutorial with `opal` alone: keys, contracts on a foreign L1, genesis, then the execution client and the rollup node as two processes with the tutorial's own flags.</summary>
[Collection("devnets run one after another")]
public sealed class Tutorial : IAsyncLifetime
{
    private readonly TutorialChain _chain = TutorialChain.Create();
    private OpalProcess? _geth, _node;

    [Fact]
    public async Task Execution_client_and_rollup_node_in_two_processes_survive_being_killed_in_any_order()
    {
        await _chain.DeployAsync();

        // the node first: it waits for its engine
        Start('n');
        await Task.Delay(500);
        Start('g');
        (ulong number, string hash) = await GrowAsync(6);

        await using (OpalProcess status = OpalProcess.Start(OpalProcess.Opal, ["status", "--rpc", _chain.Node]))
        {
            Assert.Equal(0, await status.WaitAsync(TimeSpan.FromSeconds(20)));
            Assert.Contains("sequencer", status.Tail(), StringComparison.OrdinalIgnoreCase);
        }

        foreach ((string killed, string started) in Orders())
        {
            foreach (char role in killed) (role == 'n' ? _node : _geth)!.Kill();
            if (killed == "g") await _chain.UntilAsync("a status that says what is the matter", () => CallAsync(_chain.Node, "opal_status"), static answer => answer.Contains("connection refused", StringComparison.Ordinal));
            foreach (char role in started) Start(role);
            (number, hash) = await GoesOnAsync(number, hash);
        }

        string sync = await CallAsync(_chain.Node, "optimism_syncStatus");
        using JsonDocument json = JsonDocument.Parse(sync);
        Assert.True(json.RootElement.GetProperty("unsafe_l2").GetProperty("number").GetUInt64() >= number);
        Assert.True(json.RootElement.GetProperty("current_l1").GetProperty("number").GetUInt64() > 0);
        Assert.Equal(0, await _node!.InterruptAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(0, await _geth!.InterruptAsync(TimeSpan.FromSeconds(10)));
    }

    /// <summary>Who is killed and who is started again, each in this order: n the rollup node, g the execution client. OPAL_SOAK_TUTORIAL adds random ones.</summary>
    private static IEnumerable<(string Killed, string Started)> Orders()
    {
        (string, string)[] orders = [("n", "n"), ("g", "g"), ("gn", "gn"), ("ng", "ng"), ("ng", "gn"), ("gn", "ng")];
        int more = int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_TUTORIAL"), CultureInfo.InvariantCulture, out int count) ? count : 0;
        var random = new Random(5);
        return [.. orders, .. Enumerable.Range(0, more).Select(_ => orders[random.Next(orders.Length)])];
    }

    private void Start(char role)
    {
        if (role == 'n') _node = _chain.StartNode();
        else _geth = _chain.StartGeth();
    }

    /// <summary>Waits for blocks.</summary>
    private Task<(ulong Number, string Hash)> GrowAsync(ulong atLeast) => _chain.UntilAsync($"block {atLeast}", () => BlockAsync("latest"), block => block.Number >= atLeast);

    /// <summary>The block from before is where it was, and there are more.</summary>
    private async Task<(ulong Number, string Hash)> GoesOnAsync(ulong number, string hash)
    {
        (ulong Number, string Hash) head = await GrowAsync(number + 3);
        Assert.Equal(hash, (await BlockAsync("0x" + number.ToString("x", CultureInfo.InvariantCulture))).Hash);
        return head;
    }

    private async Task<(ulong Number, string Hash)> BlockAsync(string tag)
    {
        using JsonDocument json = JsonDocument.Parse(await CallAsync(_chain.Geth, "eth_getBlockByNumber", $"\"{tag}\"", "false"));
        JsonElement block = json.RootElement;
        if (block.ValueKind != JsonValueKind.Object) throw new InvalidOperationException($"no block {tag}");
        return (ulong.Parse(block.GetProperty("number").GetString()!.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture), block.GetProperty("hash").GetString()!);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _chain.DisposeAsync();
}
