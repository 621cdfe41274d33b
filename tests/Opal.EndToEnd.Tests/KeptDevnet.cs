using System.Globalization;
using System.Text.Json;

namespace Opal.EndToEnd.Tests;

/// <summary>A devnet that is killed goes on where it was.</summary>
[Collection("devnets run one after another")]
public sealed class KeptDevnet
{
    [Fact]
    public async Task Killed_and_started_again_it_keeps_its_chains_and_goes_on()
    {
        string directory = Directory.CreateTempSubdirectory("opal-e2e-").FullName;
        (ulong safe, string hash) before;
        string deployment;
        await using (DevnetUnderTest devnet = await DevnetUnderTest.StartInAsync(7_000, directory))
        {
            await UntilAsync(devnet, static (head, safe) => head >= 8 && safe >= 4);
            before = await BlockAsync(devnet, "safe");
            deployment = devnet.Describe().GetProperty("addresses").ToString();
            devnet.Process.Kill();
        }

        await using (DevnetUnderTest devnet = await DevnetUnderTest.StartInAsync(7_000, directory))
        {
            Assert.Equal(deployment, devnet.Describe().GetProperty("addresses").ToString());
            (_, string hash) = await BlockAsync(devnet, "0x" + before.safe.ToString("x", CultureInfo.InvariantCulture));
            Assert.Equal(before.hash, hash);
            await UntilAsync(devnet, (head, safe) => head > before.safe + 10 && safe > before.safe);
            Assert.Equal(0, await devnet.Process.InterruptAsync(TimeSpan.FromSeconds(15)));
        }

        Directory.Delete(directory, recursive: true);
    }

    private static async Task UntilAsync(DevnetUnderTest devnet, Func<ulong, ulong, bool> reached)
    {
        (ulong head, ulong safe) = (0, 0);
        for (int i = 0; i < 240; i++)
        {
            (head, _) = await BlockAsync(devnet, "latest");
            (safe, _) = await BlockAsync(devnet, "safe");
            if (reached(head, safe)) return;
            await Task.Delay(250);
        }

        Assert.Fail($"the devnet stays at head {head}, safe {safe}:\n{devnet.Process.Tail()}");
    }

    private static async Task<(ulong Number, string Hash)> BlockAsync(DevnetUnderTest devnet, string tag)
    {
        using var http = new HttpClient();
        using var body = new StringContent($$"""{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["{{tag}}",false]}""", System.Text.Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await http.PostAsync(devnet.Describe().GetProperty("l2").GetProperty("rpc").GetString(), body);
        using JsonDocument json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        if (!json.RootElement.TryGetProperty("result", out JsonElement block) || block.ValueKind != JsonValueKind.Object) return (0, "");
        return (ulong.Parse(block.GetProperty("number").GetString()!.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture), block.GetProperty("hash").GetString()!);
    }
}
