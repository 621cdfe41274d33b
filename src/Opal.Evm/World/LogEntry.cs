using Opal.Primitives;

namespace Opal.Evm;

/// <summary>An event of a transaction.</summary>
/// <param name="Address">The contract that logged.</param>
/// <param name="Topics">0 to 4 topics.</param>
/// <param name="Data">The unindexed data.</param>
public sealed record LogEntry(Address Address, Hash256[] Topics, byte[] Data);
