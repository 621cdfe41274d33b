using Opal.Primitives;

namespace Opal.Proposer;

/// <summary>A dispute game that this account made.</summary>
/// <param name="Proxy">The game.</param>
/// <param name="Created">The L1 time of its creation.</param>
/// <param name="OutputRoot">Its root claim.</param>
/// <param name="L2Block">The L2 block that it claims that root for.</param>
internal sealed record OwnGame(Address Proxy, DateTimeOffset Created, Hash256 OutputRoot, ulong L2Block);
