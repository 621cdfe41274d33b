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
}
