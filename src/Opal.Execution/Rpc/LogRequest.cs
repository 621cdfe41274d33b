using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>A log request as JSON-RPC carries it: blocks, addresses, topics.</summary>
/// <param name="BlockHash">One block by hash; then the bounds are null.</param>
/// <param name="From">The first block, or null when not given.</param>
/// <param name="To">The last block, or null when not given.</param>
/// <param name="Criteria">Which logs.</param>
public sealed record LogRequest(Hash256? BlockHash, BlockParameter? From, BlockParameter? To, LogCriteria Criteria)
{
    private const int MaxTopics = 4;
    private const int MaxAlternatives = 1000;

    /// <summary>Reads the filter object of eth_getLogs, eth_newFilter and the logs subscription.</summary>
    public static LogRequest Read(JsonValue value)
    {
        Hash256? blockHash = value.OrNull("blockHash", static v => v.AsHash());
        BlockParameter? from = value.OrNull("fromBlock", BlockParameter.Read), to = value.OrNull("toBlock", BlockParameter.Read);
        if (blockHash is not null && (from is not null || to is not null)) throw value.Fault("cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other");
        Address[] addresses = value.TryGet("address", out JsonValue address) ? ReadOneOrMany(address, static v => v.AsAddress()) : [];
        IReadOnlyList<Hash256>?[] topics = value.TryGet("topics", out JsonValue list) ? list.AsArray(ReadTopic) : [];
        if (topics.Length > MaxTopics) throw value.Fault("exceed max topics");
        return new LogRequest(blockHash, from, to, new LogCriteria(addresses, topics));
    }

    private static IReadOnlyList<Hash256>? ReadTopic(JsonValue value)
    {
        if (value.IsNull) return null;
        if (value.Element.ValueKind != JsonValueKind.Array) return [value.AsHash()];

        // a null among alternatives matches anything
        Hash256?[] alternatives = value.AsArray(static v => v.IsNull ? (Hash256?)null : v.AsHash());
        if (alternatives.Length > MaxAlternatives) throw value.Fault("too many alternatives");
        return Array.Exists(alternatives, static a => a is null) ? null : [.. alternatives.Select(static a => a!.Value)];
    }

    private static T[] ReadOneOrMany<T>(JsonValue value, Func<JsonValue, T> read)
    {
        if (value.Element.ValueKind != JsonValueKind.Array) return [read(value)];
        T[] items = value.AsArray(read);
        return items.Length <= MaxAlternatives ? items : throw value.Fault("too many addresses");
    }
}
