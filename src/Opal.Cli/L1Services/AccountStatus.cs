using System.Text.Json;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Cli.L1Services;

/// <summary>What <c>opal_status</c> says of a service's account and chains.</summary>
internal static class AccountStatus
{
    /// <summary>Writes the properties into the object that is open.</summary>
    public static void Write(Utf8JsonWriter writer, TransactionManager manager, RollupConfig rollup)
    {
        TxManagerStatus status = manager.Status;
        writer.WriteString("account", status.Account.ToChecksumString());
        writer.WriteNumber("l1_chain_id", rollup.L1ChainId);
        writer.WriteNumber("l2_chain_id", rollup.L2ChainId);
        writer.WriteStartObject("account_transactions");
        writer.WriteNumber("pending", status.Pending);
        if (status.NextNonce is { } next) writer.WriteNumber("next_nonce", next);
        if (status.OldestPendingAge is { } age) writer.WriteNumber("oldest_pending_seconds", Math.Round(age.TotalSeconds));
        if (status.OldestFees is { } fees) writer.WriteString("oldest_fees", fees.ToString());
        writer.WriteNumber("confirmed", status.Confirmed);
        writer.WriteNumber("reverted", status.Reverted);
        writer.WriteNumber("raised", status.Raised);
        writer.WriteString("fees_spent_wei", status.FeesSpent.ToString());
        if (status.Balance is { } balance) writer.WriteString("balance_wei", balance.ToString());
        writer.WriteString("problem", status.Problem ?? "");
        writer.WriteEndObject();
    }

    /// <summary>Writes the alarms and how long the ether lasts.</summary>
    public static void WriteAlarms(Utf8JsonWriter writer, OperatorAlarms alarms, RunwayWatch runway)
    {
        writer.WriteString("runway", runway.Describe());
        if (runway.State is { Hours: { } hours }) writer.WriteNumber("runway_hours", Math.Round(hours, 1));
        else writer.WriteNull("runway_hours");
        OperatorAlarms.Write(writer, alarms.Current);
    }
}
