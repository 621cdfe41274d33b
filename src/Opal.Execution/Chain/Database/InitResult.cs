using Opal.Primitives;

namespace Opal.Execution;

/// <summary>What became of a genesis given to <see cref="ChainDatabase.Initialize"/>.</summary>
public enum InitStatus : byte
{
    /// <summary>The directory had no chain; it has this one now.</summary>
    Created,

    /// <summary>The directory has this chain, with the same schedule.</summary>
    AlreadyThere,

    /// <summary>The directory has this chain; upgrades that are still ahead were rescheduled.</summary>
    Updated,

    /// <summary>The directory has another chain (<see cref="InitResult.StoredHash"/>). Nothing was changed.</summary>
    DiffersFrom,

    /// <summary>The genesis block is the same, and an upgrade is rescheduled that the chain has passed (<see cref="InitResult.Error"/> names it). Nothing was changed.</summary>
    ForkPassed,
}

/// <summary>The outcome of <see cref="ChainDatabase.Initialize"/>.</summary>
/// <param name="Status">What happened.</param>
/// <param name="Hash">The hash of the genesis block given.</param>
/// <param name="Number">Its number.</param>
/// <param name="StoredHash">The genesis block that the directory had before; null when it had none.</param>
/// <param name="Error">Why it was refused, one sentence with what to do; null when it was not.</param>
public sealed record InitResult(InitStatus Status, Hash256 Hash, ulong Number, Hash256? StoredHash = null, string? Error = null)
{
    /// <summary>Whether the directory now holds the chain that was given.</summary>
    public bool IsAccepted => Error is null;
}
