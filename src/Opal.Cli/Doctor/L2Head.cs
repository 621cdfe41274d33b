using Opal.Protocol;

namespace Opal.Cli.Doctor;

/// <summary>A labelled block of the engine.</summary>
/// <param name="Header">Its header.</param>
/// <param name="Reference">Its reference with the L1 origin; unset where <paramref name="Fault"/> is not null.</param>
/// <param name="Fault">Why it is no block of this rollup; null when it is one.</param>
internal sealed record L2Head(BlockHeader Header, L2BlockRef Reference, string? Fault);
