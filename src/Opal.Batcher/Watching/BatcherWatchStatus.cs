using System.Text.Json;
using Opal.TxManager;

namespace Opal.Batcher;

/// <summary>What the batcher's watches know, for status pages.</summary>
public sealed record BatcherWatchStatus
{
    /// <summary>What needs a person, the gravest first.</summary>
    public required IReadOnlyList<OperatorAlarm> Alarms { get; init; }

    /// <summary>The account's ether; null before the first look.</summary>
    public required RunwayState? Runway { get; init; }

    /// <summary>Transactions found that another program sent with the batcher's key.</summary>
    public required long RivalTransactions { get; init; }

    /// <summary>The newest of them; null when there is none.</summary>
    public required RivalTransaction? NewestRival { get; init; }

    /// <summary>The gravest alarm's text; empty when there is none.</summary>
    public string Gravest => Alarms.Count > 0 ? Alarms[0].Text : "";

    /// <summary>Writes it as members of the object that is being written: <c>alarms</c>, <c>runway</c>, <c>rival_transactions</c>.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        OperatorAlarms.Write(writer, Alarms);
        RunwayState.Write(writer, Runway);
        writer.WriteNumber("rival_transactions", RivalTransactions);
    }
}
