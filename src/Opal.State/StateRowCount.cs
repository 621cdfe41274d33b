namespace Opal.State;

/// <summary>Rows of the state's tables.</summary>
/// <param name="Accounts">Accounts.</param>
/// <param name="Slots">Storage slots.</param>
/// <param name="Records">Branch records.</param>
public readonly record struct StateRowCount(long Accounts, long Slots, long Records);
