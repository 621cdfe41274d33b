using System.CommandLine;
using System.Text.Json;
using Opal.JsonRpc;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Opal.Cli.Status;

/// <summary><c>opal status</c>: what a rollup node is doing, and why its heads stand where they stand.</summary>
internal static class StatusVerb
{
    private const int WidthOfFiles = 140;

    private static readonly int[] s_usualPorts = [9545, 8547];

    public static Command Create()
    {
        var rpc = new Option<string?>("--rpc") { Description = "The rollup node's RPC; by default the ports of op-node (9545) and of the tutorial and devnet (8547) on this machine." };
        var batcher = new Option<string?>("--batcher-rpc") { Description = "The batcher's RPC (its --rpc.port): shows what it posts, its account's ether and its alarms." };
        var proposer = new Option<string?>("--proposer-rpc") { Description = "The proposer's RPC, in the same way." };
        var json = new Option<bool>("--json") { Description = "Print the answers as JSON, an object a line for each." };
        var watch = new Option<bool>("--watch") { Description = "Show it again every second until Ctrl-C." };
        var command = new Command("status", "Shows a rollup node's heads, and why each is no further; and what batcher and proposer do.") { rpc, batcher, proposer, json, watch };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(rpc), parsed.GetValue(batcher), parsed.GetValue(proposer), parsed.GetValue(json), parsed.GetValue(watch), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string? given, string? batcher, string? proposer, bool json, bool watch, CancellationToken cancel)
    {
        (string Option, string Url)[] wanted =
        [
            .. given is not null || (batcher ?? proposer) is null ? [("--rpc", given ?? await FindAsync(cancel))] : Array.Empty<(string, string)>(),
            .. batcher is null ? Array.Empty<(string, string)>() : [("--batcher-rpc", batcher)],
            .. proposer is null ? Array.Empty<(string, string)>() : [("--proposer-rpc", proposer)],
        ];
        var clients = new List<(string Option, HttpRpcClient Client)>();
        try
        {
            foreach ((string option, string url) in wanted)
            {
                if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
                {
                    await Console.Error.WriteLineAsync($"opal status: {option}: '{url}' is no URL; write it as http://127.0.0.1:9545");
                    return 2;
                }

                clients.Add((option, new HttpRpcClient(address, new HttpRpcClientOptions { Retry = RpcRetryPolicy.None })));
            }

            return await ShowAsync(clients, json, watch, cancel);
        }
        finally
        {
            foreach ((_, HttpRpcClient client) in clients) client.Dispose();
        }
    }

    private static async Task<int> ShowAsync(List<(string Option, HttpRpcClient Client)> clients, bool json, bool watch, CancellationToken cancel)
    {
        string asked = "";
        try
        {
            if (json)
            {
                foreach ((string option, HttpRpcClient client) in clients)
                {
                    asked = option;
                    Console.WriteLine(await client.CallAsync("opal_status", null, static value => JsonSerializer.Serialize(value.Element, StatusJson.Default.JsonElement), cancel));
                }

                return 0;
            }

            if (!watch)
            {
                PlainOutput.WhereRedirected(WidthOfFiles);
                AnsiConsole.Write(await RenderAsync());
                return 0;
            }

            await AnsiConsole.Live(new Text("")).StartAsync(async live =>
            {
                while (!cancel.IsCancellationRequested)
                {
                    live.UpdateTarget(await RenderAsync());
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
            await Console.Error.WriteLineAsync(asked == "--rpc" ? "Is the rollup node running, and is --rpc its --rpc.port (devnet.json names a devnet's)?" : $"Is it running, and is {asked} its --rpc.port?");
            return 1;
        }

        async Task<IRenderable> RenderAsync()
        {
            var parts = new List<IRenderable>();
            foreach ((string option, HttpRpcClient client) in clients)
            {
                asked = option;
                parts.Add(option == "--rpc"
                    ? StatusView.Render(await ReadAsync(client, cancel), client.Endpoint)
                    : ServiceStatusView.Render(await client.CallAsync("opal_status", null, static value => value.Element.Clone(), cancel), client.Endpoint));
            }

            return new Rows(parts);
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
