using System.Text.Json;

namespace Opal.JsonRpc;

/// <summary>Typed calls over any <see cref="IRpcClient"/>.</summary>
public static class RpcClientExtensions
{
    /// <summary>Calls a method and reads its result.</summary>
    /// <param name="client">The client.</param>
    /// <param name="method">The full method name.</param>
    /// <param name="parameters">Writes the positional parameters; null when there are none.</param>
    /// <param name="read">Reads the result, which may be null: see <see cref="JsonValue.IsNull"/>.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="RpcCallException">The server answered with an error.</exception>
    /// <exception cref="RpcTransportException">There was no usable answer.</exception>
    public static async Task<T> CallAsync<T>(
        this IRpcClient client, string method, Action<Utf8JsonWriter>? parameters, Func<JsonValue, T> read, CancellationToken cancellation = default)
    {
        RpcReply[] replies = await client.SendAsync([new RpcRequest(method, parameters)], cancellation);
        return Read(client, method, replies[0], read);
    }

    /// <summary>As <see cref="CallAsync{T}"/>; null when the result is null.</summary>
    public static Task<T?> FindAsync<T>(
        this IRpcClient client, string method, Action<Utf8JsonWriter>? parameters, Func<JsonValue, T> read, CancellationToken cancellation = default) where T : class =>
        client.CallAsync(method, parameters, value => value.IsNull ? null : read(value), cancellation);

    /// <summary>Calls several methods in one batch and reads each result. The first error in order is thrown.</summary>
    /// <inheritdoc cref="CallAsync{T}" path="/exception"/>
    public static async Task<T[]> CallAllAsync<T>(
        this IRpcClient client, IReadOnlyList<RpcRequest> requests, Func<int, JsonValue, T> read, CancellationToken cancellation = default)
    {
        if (requests.Count == 0) return [];
        RpcReply[] replies = await client.SendAsync(requests, cancellation);
        var results = new T[replies.Length];
        for (int i = 0; i < replies.Length; i++)
        {
            int index = i;
            results[i] = Read(client, requests[i].Method, replies[i], value => read(index, value));
        }

        return results;
    }

    private static T Read<T>(IRpcClient client, string method, RpcReply reply, Func<JsonValue, T> read)
    {
        if (reply.Error is { } error) throw new RpcCallException(method, client.Endpoint, error);
        try
        {
            return read(new JsonValue(reply.Result, "result"));
        }
        catch (JsonFormatException malformed)
        {
            throw new RpcTransportException(method, client.Endpoint, $"the answer is malformed: {malformed.Message}", isTransient: false, malformed);
        }
    }
}
