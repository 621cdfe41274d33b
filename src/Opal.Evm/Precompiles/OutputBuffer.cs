namespace Opal.Evm;

/// <summary>A byte buffer that is written whole, and grows.</summary>
public sealed unsafe class OutputBuffer
{
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(4096, pinned: true);

    /// <summary>The number of bytes it holds now.</summary>
    public int Length { get; private set; }

    /// <summary>What it holds.</summary>
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    internal byte* Pointer => (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _bytes[0]);

    /// <summary>Holds nothing from now on.</summary>
    public void Clear() => Length = 0;

    /// <summary>Room for <paramref name="length"/> bytes, of undefined content, in place of what it held.</summary>
    public Span<byte> Reset(int length)
    {
        if (length > _bytes.Length) _bytes = GC.AllocateUninitializedArray<byte>(Math.Max(length, _bytes.Length * 2), pinned: true);
        Length = length;
        return _bytes.AsSpan(0, length);
    }

    /// <summary>Holds a copy of <paramref name="bytes"/> from now on.</summary>
    public void Set(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reset(bytes.Length));
}
