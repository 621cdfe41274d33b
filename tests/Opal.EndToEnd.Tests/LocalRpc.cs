using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Opal.EndToEnd.Tests;

/// <summary>Calls of JSON-RPC on this machine, and ports for it.</summary>
internal static class LocalRpc
{
    /// <summary>The result of a call, as JSON.</summary>
    /// <exception cref="InvalidOperationException">The answer is an error.</exception>
    /// <exception cref="HttpRequestException">There is no answer.</exception>
    public static async Task<string> CallAsync(string url, string method, params string[] parameters)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        using var body = new StringContent($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":[{{string.Join(',', parameters)}}]}""", System.Text.Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await http.PostAsync(url, body);
        using JsonDocument json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.TryGetProperty("result", out JsonElement result) ? result.GetRawText() : throw new InvalidOperationException(json.RootElement.GetRawText());
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
