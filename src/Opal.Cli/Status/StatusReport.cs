using Opal.JsonRpc;

namespace Opal.Cli.Status;

/// <summary>A head as a node reports it.</summary>
/// <param name="Name">unsafe, safe, finalized.</param>
/// <param name="Number">The block's number.</param>
/// <param name="Lag">Blocks behind the unsafe head.</param>
/// <param name="AgeSeconds">Seconds since the block's time.</param>
/// <param name="Reason">Why it is no further; null when it moves, or the node does not say.</param>
internal sealed record StatusHead(string Name, ulong Number, ulong Lag, ulong AgeSeconds, string? Reason);

/// <summary>An L1 block as a node reports it.</summary>
internal sealed record StatusL1(string Name, ulong Number, ulong AgeSeconds);

/// <summary>What a rollup node says of itself.</summary>
internal sealed record StatusReport
{
    public string Version { get; init; } = "";

    public ulong L1ChainId { get; init; }

    public ulong L2ChainId { get; init; }

    public string? Halted { get; init; }

    public IReadOnlyList<StatusL1> L1 { get; init; } = [];

    public IReadOnlyList<StatusHead> L2 { get; init; } = [];

    public string? L1Trouble { get; init; }

    public string? EngineTrouble { get; init; }

    /// <summary>What the sequencer does, in words; empty when the node says nothing of it.</summary>
    public string Sequencer { get; init; } = "";

    public IReadOnlyList<string> Channels { get; init; } = [];

    public IReadOnlyList<string> Dropped { get; init; } = [];

    /// <summary>Reads the answer of opal_status.</summary>
    public static StatusReport Read(JsonValue value)
    {
        JsonValue l1 = value["l1"], l2 = value["l2"], sequencer = value["sequencer"];
        return new StatusReport
        {
            Version = value["version"].AsString(),
            L1ChainId = value["l1_chain_id"].AsNumber(),
            L2ChainId = value["l2_chain_id"].AsNumber(),
            Halted = Text(value, "halted"),
            L1 = [.. new[] { "head", "current", "safe", "finalized" }.Select(name => new StatusL1(name, l1[name]["number"].AsNumber(), l1[name]["age"].AsNumber()))],
            L1Trouble = Text(l1, "trouble"),
            L2 = [.. new[] { "unsafe", "safe", "finalized" }.Select(name => ReadHead(name, l2[name]))],
            EngineTrouble = Text(l2, "engine_trouble"),
            Sequencer = ReadSequencer(sequencer),
            Channels = value["channels"].AsArray(static v =>
                $"{v["id"].AsString()}: {v["frames"].AsNumber()} of {(v.OrNull("total", static t => t.AsNumber()) is { } total ? $"{total}" : "?")} frames since L1 block {v["open_l1_block"].AsNumber()}, next is {v["first_missing"].AsNumber()}"),
            Dropped = value["dropped"].AsArray(static v => $"L1 block {v["l1_block"].AsNumber()}: {v["what"].AsString()}: {v["rule"].AsString()}"),
        };
    }

    /// <summary>Makes one of a standard node's answer, which gives no reasons.</summary>
    public static StatusReport Of(SyncStatus status, string version, ulong now)
    {
        ulong tip = status.UnsafeL2.Number;
        StatusHead Head(string name, Protocol.L2BlockRef block) => new(name, block.Number, tip > block.Number ? tip - block.Number : 0, Age(block.Timestamp, now), null);
        StatusL1 L1(string name, Protocol.L1BlockRef block) => new(name, block.Number, Age(block.Timestamp, now));
        return new StatusReport
        {
            Version = version,
            L1 = [L1("head", status.HeadL1), L1("current", status.CurrentL1), L1("safe", status.SafeL1), L1("finalized", status.FinalizedL1)],
            L2 = [Head("unsafe", status.UnsafeL2), Head("safe", status.SafeL2), Head("finalized", status.FinalizedL2)],
        };
    }

    private static ulong Age(ulong timestamp, ulong now) => timestamp == 0 || timestamp > now ? 0 : now - timestamp;

    private static StatusHead ReadHead(string name, JsonValue value) =>
        new(name, value["number"].AsNumber(), value["lag"].AsNumber(), value["age"].AsNumber(), Text(value, "reason"));

    private static string ReadSequencer(JsonValue value)
    {
        if (!value["enabled"].AsBool()) return "not enabled: this node follows";
        string mode = value["recover"].AsBool() ? " in recover mode" : "";
        string? reason = Text(value, "reason");
        return value["active"].AsBool() ? $"making blocks{mode}{(reason is null ? "" : $", held up: {reason}")}" : reason ?? "stopped";
    }

    private static string? Text(JsonValue value, string key) => value.OrNone(key, static v => v.AsString());
}
