namespace Opal.Crypto.Bn254;

internal static class Bn254
{
    public static bool TryAdd(ReadOnlySpan<byte> input, Span<byte> output) => throw new NotSupportedException("bn254 lands next");

    public static bool TryMultiply(ReadOnlySpan<byte> input, Span<byte> output) => throw new NotSupportedException("bn254 lands next");

    public static bool TryPairing(ReadOnlySpan<byte> input, out bool isOne) => throw new NotSupportedException("bn254 lands next");
}
