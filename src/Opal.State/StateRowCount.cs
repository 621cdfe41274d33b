namespace Opal.State;

/// <summary>Rows of the state's tables.</summary>
/// <param name="Accounts">Accounts.</param>
/// <param name="Slots">Storage slots.</param>
/// <param name="Records">Branch records.</param>
public readonly record struct StateRowCount(long Accounts, long Slots, long Records)
{
    /// <summary>All of them.</summary>
    public long Total => Accounts + Slots + Records;

    /// <summary>The rows of two parts.</summary>
    public static StateRowCount operator +(StateRowCount left, StateRowCount right) => new(left.Accounts + right.Accounts, left.Slots + right.Slots, left.Records + right.Records);
}
