namespace Opal.Evm;

/// <summary>Reading a precompile's input as if zeros followed it without end.</summary>
internal static class PrecompileInput
{
    /// <summary>Copies the bytes from <paramref name="offset"/> on into all of <paramref name="destination"/>.</summary>
    public static void CopyPadded(ReadOnlySpan<byte> input, ulong offset, Span<byte> destination)
    {
        destination.Clear();
        if (offset >= (ulong)input.Length) return;
        ReadOnlySpan<byte> present = input[(int)offset..];
        present[..Math.Min(present.Length, destination.Length)].CopyTo(destination);
    }

    /// <summary>The number of 32-byte words that hold the input.</summary>
    public static long Words(ReadOnlySpan<byte> input) => (input.Length + 31L) / 32;
}
