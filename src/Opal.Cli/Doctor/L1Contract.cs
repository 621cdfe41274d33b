using System.Text;
using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Cli.Doctor;

/// <summary>Getters of a contract on L1, each by its signature, asked in one batch.</summary>
internal static class L1Contract
{
    /// <summary>The first word each getter answers with; null where the contract has none of that name, reverts, or is not there.</summary>
    /// <param name="l1">L1.</param>
    /// <param name="address">The contract.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="getters">Signatures without arguments: <c>gasLimit()</c>.</param>
    /// <exception cref="RpcTransportException">L1 gave no usable answer.</exception>
    /// <exception cref="RpcCallException">L1 refused the question itself, as for too many requests.</exception>
    public static async Task<Dictionary<string, UInt256?>> ReadAsync(IRpcClient l1, Address address, CancellationToken cancellation, params string[] getters)
    {
        RpcReply[] replies = await l1.SendAsync([.. getters.Select(getter => Request(address, SelectorOf(getter)))], cancellation);
        return getters.Zip(replies).ToDictionary(static pair => pair.First, pair => WordOf(pair.Second, l1.Endpoint, 0), StringComparer.Ordinal);
    }

    /// <summary>The first word a call with one argument answers with; null as in <see cref="ReadAsync"/>.</summary>
    public static async Task<UInt256?> CallAsync(IRpcClient l1, Address address, string signature, UInt256 argument, int word, CancellationToken cancellation)
    {
        byte[] data = [.. SelectorOf(signature), .. argument.ToBigEndianArray()];
        return WordOf((await l1.SendAsync([Request(address, data)], cancellation))[0], l1.Endpoint, word);
    }

    private static byte[] SelectorOf(string signature) => Keccak256.Hash(Encoding.ASCII.GetBytes(signature)).ToArray()[..4];

    private static RpcRequest Request(Address address, byte[] data) => new("eth_call", writer =>
    {
        new EthCall { To = address, Data = data }.WriteTo(writer);
        writer.WriteStringValue("latest");
    });

    private static UInt256? WordOf(RpcReply reply, string endpoint, int index)
    {
        if (reply.Error is { } error && !IsFailedExecution(error)) throw new RpcCallException("eth_call", endpoint, error);
        if (reply.Error is not null || reply.Result.ValueKind != JsonValueKind.String) return null;
        return Hex.TryDecode(reply.Result.GetString(), out byte[] bytes) && bytes.Length >= 32 * (index + 1) ? UInt256.FromBigEndian(bytes.AsSpan(32 * index, 32)) : null;
    }

    /// <summary>Whether the contract was run and failed: clients agree on words rather than on codes.</summary>
    private static bool IsFailedExecution(RpcError error) =>
        error.Code == RpcErrorCode.ExecutionReverted || new[] { "revert", "execution", "opcode" }.Any(word => error.Message.Contains(word, StringComparison.OrdinalIgnoreCase));
}
