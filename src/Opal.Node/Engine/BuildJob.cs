using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>A block being built by the engine.</summary>
/// <param name="Payload">The engine's name for it.</param>
/// <param name="Parent">The block it builds on.</param>
/// <param name="Attributes">What it is built from.</param>
public sealed record BuildJob(PayloadId Payload, L2BlockRef Parent, PayloadAttributes Attributes);
