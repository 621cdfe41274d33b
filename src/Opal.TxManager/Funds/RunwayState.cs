using System.Text.Json;
using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>What an account has and how long that lasts.</summary>
/// <param name="Balance">Wei.</param>
/// <param name="EtherPerHour">What is spent at present; null while nothing was seen to be spent.</param>
/// <param name="Hours">How long the balance lasts at that rate; null while there is no rate.</param>
/// <param name="Level">What to make of the hours.</param>
/// <param name="TransactionCost">What one more transaction is expected to cost, wei.</param>
/// <param name="WeekNeeds">The ether that is missing for a week at that rate; 0 when there is enough or no rate.</param>
public sealed record RunwayState(UInt256 Balance, double? EtherPerHour, double? Hours, RunwayLevel Level, UInt256 TransactionCost, double WeekNeeds)
{
    /// <summary>Whether the account cannot pay for one transaction.</summary>
    public bool IsEmpty => Balance.IsZero || Balance < TransactionCost;

    /// <summary>Writes a state as a member <c>runway</c> of the object that is being written; null as null.</summary>
    public static void Write(Utf8JsonWriter writer, RunwayState? state)
    {
        if (state is null)
        {
            writer.WriteNull("runway");
            return;
        }

        writer.WriteStartObject("runway");
        writer.WriteNumber("balance_ether", Math.Round(EtherAmount.Of(state.Balance), 9));
        if (state.EtherPerHour is { } rate) writer.WriteNumber("ether_per_hour", Math.Round(rate, 9));
        if (state.Hours is { } hours) writer.WriteNumber("hours", Math.Round(hours, 1));
        writer.WriteNumber("missing_for_a_week_ether", Math.Round(state.WeekNeeds, 6));
        writer.WriteEndObject();
    }
}
