using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Which calls trace_filter looks for.</summary>
internal sealed record TraceFilter
{
    public BlockParameter? From { get; init; }

    public BlockParameter? To { get; init; }

    /// <summary>Callers; empty means any.</summary>
    public Address[] Senders { get; init; } = [];

    /// <summary>Callees; empty means any.</summary>
    public Address[] Recipients { get; init; } = [];

    /// <summary>Whether a call must match both lists; else either will do.</summary>
    public bool IsIntersection { get; init; }

    /// <summary>How many to pass over.</summary>
    public ulong After { get; init; }

    /// <summary>How many to give at most.</summary>
    public ulong Count { get; init; } = ulong.MaxValue;

    /// <summary>Reads it.</summary>
    public static TraceFilter Read(JsonValue value) => new()
    {
        From = value.OrNull("fromBlock", BlockParameter.Read),
        To = value.OrNull("toBlock", BlockParameter.Read),
        Senders = value.OrNone("fromAddress", static v => v.AsArray(static a => a.AsAddress())) ?? [],
        Recipients = value.OrNone("toAddress", static v => v.AsArray(static a => a.AsAddress())) ?? [],
        IsIntersection = value.OrNone("mode", static v => v.AsString()) == "intersection",
        After = value.OrNull("after", static v => v.AsNumber()) ?? 0,
        Count = value.OrNull("count", static v => v.AsNumber()) ?? ulong.MaxValue,
    };

    /// <summary>Whether the call is looked for.</summary>
    public bool Matches(CallNode call)
    {
        if (Senders.Length == 0 && Recipients.Length == 0) return true;
        bool from = Senders.Contains(call.From), to = call.To is { } target && Recipients.Contains(target);
        if (Senders.Length == 0) return to;
        if (Recipients.Length == 0) return from;
        return IsIntersection ? from && to : from || to;
    }
}
