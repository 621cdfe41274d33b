namespace Opal.Protocol;

/// <summary>What withdrawals a block has and what its header's withdrawals root is.</summary>
public enum WithdrawalsRule : byte
{
    /// <summary>No list and no root: before Shanghai and Canyon.</summary>
    None,
    /// <summary>A list and its root: L1.</summary>
    List,
    /// <summary>An empty list and its root: L2 from Canyon on.</summary>
    EmptyList,
    /// <summary>An empty list; the root is the storage root of the L2ToL1MessagePasser: L2 from Isthmus on.</summary>
    MessagePasser,
}
