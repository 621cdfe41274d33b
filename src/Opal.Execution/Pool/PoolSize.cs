namespace Opal.Execution;

/// <summary>How much a pool holds.</summary>
/// <param name="Pending">Executable transactions.</param>
/// <param name="Queued">Waiting transactions.</param>
/// <param name="PendingSlots">Slots of the executable ones.</param>
/// <param name="Slots">Slots of all.</param>
internal readonly record struct PoolSize(int Pending, int Queued, int PendingSlots, int Slots);
