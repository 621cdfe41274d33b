using Opal.TxManager;

namespace Opal.Batcher;

/// <summary>What the batcher's watches know, for status, health and metrics.</summary>
public sealed record BatcherWatchStatus
{
    /// <summary>What needs a person, the gravest first.</summary>
    public required IReadOnlyList<OperatorAlarm> Alarms { get; init; }

    /// <summary>The rollup node of the sequencer that is followed; null before it is known and while none is active.</summary>
    public string? Following { get; init; }

    /// <summary>What the throttle does; null without one.</summary>
    public ThrottleStatus? Throttle { get; init; }

    /// <summary>The account's ether; null before the first look.</summary>
    public RunwayState? Runway { get; init; }

    /// <summary>Transactions found that another program sent with the batcher's key.</summary>
    public long RivalTransactions { get; init; }

    /// <summary>The gravest alarm's text; empty when there is none.</summary>
    public string Gravest => Alarms.Count > 0 ? Alarms[0].Text : "";
}
