using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>Arithmetic that stops at 2^256 - 1: a fee that large is unpayable, whatever its exact value.</summary>
internal static class SaturatingMath
{
    internal static UInt256 Add(in UInt256 a, in UInt256 b) => UInt256.TryAdd(a, b, out UInt256 sum) ? sum : UInt256.MaxValue;

    internal static UInt256 Multiply(in UInt256 a, in UInt256 b) => UInt256.TryMultiply(a, b, out UInt256 product) ? product : UInt256.MaxValue;
}
