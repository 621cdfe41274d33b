using System.Text.Json;
using Opal.JsonRpc;

namespace Opal.Execution.Tests;

/// <summary>Calls with parameters and answers as JSON text.</summary>
internal static class JsonCalls
{
    public static async Task<RpcReply> SendAsync(this IRpcClient client, string method, string parameters = "")
    {
        RpcRequest request = new(method, parameters.Length == 0 ? null : json =>
        {
            using JsonDocument document = JsonDocument.Parse($"[{parameters}]");
            foreach (JsonElement item in document.RootElement.EnumerateArray()) item.WriteTo(json);
        });
        return (await client.SendAsync([request], CancellationToken.None))[0];
    }

    /// <summary>The result's JSON text.</summary>
    public static async Task<string> TextAsync(this IRpcClient client, string method, string parameters = "")
    {
        RpcReply reply = await client.SendAsync(method, parameters);
        Assert.Null(reply.Error);
        return reply.Result.GetRawText();
    }

    public static async Task<JsonElement> ResultAsync(this IRpcClient client, string method, string parameters = "")
    {
        RpcReply reply = await client.SendAsync(method, parameters);
        Assert.Null(reply.Error);
        return reply.Result.Clone();
    }

    public static async Task<RpcError> ErrorAsync(this IRpcClient client, string method, string parameters = "")
    {
        RpcReply reply = await client.SendAsync(method, parameters);
        Assert.NotNull(reply.Error);
        return reply.Error;
    }
}
