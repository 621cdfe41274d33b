using System.Text.Encodings.Web;
using System.Text.Json;
using Opal.Cli.Flags;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Cli.Attach;

/// <summary>A console on a running client: a line is a call, the answer is its result as JSON.</summary>
internal sealed class RpcConsole(IRpcClient client, TextWriter output)
{
    private const string Help = """
        eth_getBalance 0x… latest          a method and its parameters; whole numbers become quantities, other words strings
        eth_call {"to":"0x…"} latest       JSON is taken as it is
        eth.blockNumber                    as geth's console writes it; numbers are shown in decimal
        eth.getBlock(5)
        {"method":"eth_chainId"}           a JSON-RPC request
        exit                               ends it, as the end of the input does
        """;

    // what geth's console shows as a number
    private static readonly string[] Numbers =
    [
        "eth_blockNumber", "eth_chainId", "eth_gasPrice", "eth_maxPriorityFeePerGas", "eth_blobBaseFee", "eth_getBalance", "eth_getTransactionCount", "eth_estimateGas",
        "eth_getBlockTransactionCountByNumber", "eth_getBlockTransactionCountByHash", "net_peerCount",
    ];

    private static readonly JsonSerializerOptions Shown = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads lines until they end.</summary>
    /// <param name="input">The lines.</param>
    /// <param name="prompts">Whether somebody types them.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(TextReader input, bool prompts, CancellationToken cancellation)
    {
        while (true)
        {
            if (prompts) await output.WriteAsync("> ");
            if (await input.ReadLineAsync(cancellation) is not { } line || line.Trim() is "exit" or "quit") return;
            if (line.Trim().Length == 0) continue;
            if (line.Trim() == "help") await output.WriteLineAsync(Help);
            else await ExecuteAsync(line, cancellation);
        }
    }

    /// <summary>Runs one line; false when the answer is an error.</summary>
    public async Task<bool> ExecuteAsync(string line, CancellationToken cancellation)
    {
        try
        {
            ConsoleLine read = ConsoleLine.Read(line);
            RpcReply reply = (await client.SendAsync([read.ToRequest()], cancellation))[0];
            await output.WriteLineAsync(reply.Error is { } error ? $"Error: {error.Message} (code {error.Code}){(error.Data is null ? "" : $", data {error.Data}")}" : Show(read, reply.Result));
            return reply.Error is null;
        }
        catch (Exception error) when (error is FlagException or RpcTransportException)
        {
            await output.WriteLineAsync($"Error: {error.Message}");
            return false;
        }
    }

    private static string Show(ConsoleLine line, JsonElement result)
    {
        bool isNumber = line.IsScript && result.ValueKind == JsonValueKind.String && Numbers.Contains(line.Method);
        return isNumber && UInt256.TryParse(result.GetString()!, out UInt256 value) ? value.ToString() : JsonSerializer.Serialize(result, Shown);
    }
}
