namespace Opal.Execution;

/// <summary>What became of a pool transaction that was offered to a draft.</summary>
internal enum OfferResult : byte
{
    /// <summary>It is in.</summary>
    Included,

    /// <summary>Its nonce is used up in this block already.</summary>
    Stale,

    /// <summary>It may not be in this block, nor may later ones of its sender.</summary>
    Rejected,

    /// <summary>It does not fit what is left; others may.</summary>
    NoRoom,

    /// <summary>Nothing fits any more.</summary>
    Full,

    /// <summary>The preconditions of its sender do not hold (<see cref="TransactionCondition"/>).</summary>
    ConditionFailed,

    /// <summary>Executing it threw: a fault of this program. The draft must not be used any more.</summary>
    Faulted,
}
