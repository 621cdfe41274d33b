namespace Opal.Execution;

/// <summary>What became of a block given to <see cref="Blockchain.Insert"/>.</summary>
public enum InsertStatus : byte
{
    /// <summary>Executed, found valid, stored (not yet canonical).</summary>
    Inserted,

    /// <summary>It was here already.</summary>
    AlreadyKnown,

    /// <summary>The parent is not here.</summary>
    UnknownParent,

    /// <summary>The parent is here, but its state is older than the kept window.</summary>
    ParentStateGone,

    /// <summary>The block breaks a rule, or descends from one that does.</summary>
    Invalid,
}

/// <summary>The outcome of an insertion.</summary>
/// <param name="Status">What happened.</param>
/// <param name="Block">The stored block when inserted or known.</param>
/// <param name="Error">Which rule was broken, when invalid.</param>
/// <param name="LatestValid">The nearest valid ancestor, when invalid.</param>
public sealed record InsertResult(InsertStatus Status, ExecutedBlock? Block = null, string? Error = null, ExecutedBlock? LatestValid = null)
{
    /// <summary>Whether the block is now in the store.</summary>
    public bool IsStored => Status is InsertStatus.Inserted or InsertStatus.AlreadyKnown;
}
