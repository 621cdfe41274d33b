using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>A block's hash and number.</summary>
public readonly record struct BlockId(Hash256 Hash, ulong Number);
