using Opal.Primitives;

namespace Opal.Batcher.Tests.Crashes;

/// <summary>A transaction of the batcher's account.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="Nonce">Its nonce.</param>
/// <param name="Carriers">What it carries.</param>
internal sealed record PoolTransaction(Hash256 Hash, ulong Nonce, IReadOnlyList<byte[]> Carriers);
