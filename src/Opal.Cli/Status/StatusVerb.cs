using System.CommandLine;
using System.Text.Json;
using Opal.JsonRpc;
using Spectre.Console;

namespace Opal.Cli.Status;

/// <summary><c>opal status</c>: what a rollup node is doing, and why its heads stand where they stand.</summary>
internal static class StatusVerb
{
    private const int WidthOfFiles = 140;

    private static readonly int[] s_usualPorts = [9545, 8547];

    public static Command Create()
    {
        var rpc = new Option<string?>("--rpc") { Description = "The rollup node's RPC; by default the ports of op-node (9545) and of the tutorial and devnet (8547) on this machine." };
        var json = new Option<bool>("--json") { Description = "Print the node's answer as JSON." };
        var watch = new Option<bool>("--watch") { Description = "Show it again every second until Ctrl-C." };
        var command = new Command("status", "Shows a rollup node's heads, and why each is no further.") { rpc, json, watch };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(rpc), parsed.GetValue(json), parsed.GetValue(watch), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string? given, bool json, bool watch, CancellationToken cancel)
    {
        string url = given ?? await FindAsync(cancel);
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            await Console.Error.WriteLineAsync($"opal status: --rpc: '{url}' is no URL; write it as http://127.0.0.1:9545");
            return 2;
        }

        using var client = new HttpRpcClient(address, new HttpRpcClientOptions { Retry = RpcRetryPolicy.None });
        try
        {
            if (json)
            {
                Console.WriteLine(await client.CallAsync("opal_status", null, static value => JsonSerializer.Serialize(value.Element, StatusJson.Default.JsonElement), cancel));
                return 0;
            }

            if (!watch)
            {
                PlainOutput.WhereRedirected(WidthOfFiles);
                AnsiConsole.Write(StatusView.Render(await ReadAsync(client, cancel), client.Endpoint));
                return 0;
            }

            await AnsiConsole.Live(new Text("")).StartAsync(async live =>
            {
                while (!cancel.IsCancellationRequested)
                {
                    live.UpdateTarget(StatusView.Render(await ReadAsync(client, cancel), client.Endpoint));
                    await Task.Delay(TimeSpan.FromSeconds(1), cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            });
            return 0;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            await Console.Error.WriteLineAsync($"opal status: {error.Message}");
            await Console.Error.WriteLineAsync("Is the rollup node running, and is --rpc its --rpc.port (devnet.json names a devnet's)?");
            return 1;
        }
    }

    /// <summary>The first of the usual places where something listens; the first place when nothing does.</summary>
    private static async Task<string> FindAsync(CancellationToken cancel)
    {
        foreach (int port in s_usualPorts)
        {
            using var socket = new System.Net.Sockets.TcpClient();
            try
            {
                await socket.ConnectAsync("127.0.0.1", port, cancel);
                return $"http://127.0.0.1:{port}";
            }
            catch (System.Net.Sockets.SocketException)
            {
                // nothing there
            }
        }

        return $"http://127.0.0.1:{s_usualPorts[0]}";
    }

    /// <summary>The node's report; from a node of another make, its sync status.</summary>
    private static async Task<StatusReport> ReadAsync(IRpcClient client, CancellationToken cancel)
    {
        try
        {
            return await client.CallAsync("opal_status", null, StatusReport.Read, cancel);
        }
        catch (RpcCallException error) when (error.Code == RpcErrorCode.MethodNotFound)
        {
            var node = new RollupNodeClient(client);
            return StatusReport.Of(await node.SyncStatusAsync(cancel), await node.VersionAsync(cancel), (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        }
    }
}

/// <summary>Prints JSON as the node gave it, indented.</summary>
[System.Text.Json.Serialization.JsonSourceGenerationOptions(WriteIndented = true)]
[System.Text.Json.Serialization.JsonSerializable(typeof(JsonElement))]
internal sealed partial class StatusJson : System.Text.Json.Serialization.JsonSerializerContext;
