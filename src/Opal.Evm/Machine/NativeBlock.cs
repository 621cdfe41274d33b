using System.Runtime.InteropServices;

namespace Opal.Evm;

/// <summary>A block of native memory that is freed with its owner. New memory is not cleared.</summary>
internal sealed unsafe class NativeBlock : IDisposable
{
    private byte* _start;

    public NativeBlock(nuint size)
    {
        Size = size;
        _start = (byte*)NativeMemory.Alloc(size);
    }

    ~NativeBlock() => Free();

    public byte* Start => _start;

    public nuint Size { get; private set; }

    /// <summary>Makes the block larger, keeping its content; it may move.</summary>
    public void Grow(nuint size)
    {
        _start = (byte*)NativeMemory.Realloc(_start, size);
        Size = size;
    }

    /// <summary>Frees the memory and takes a block of another size in its place.</summary>
    public void Replace(nuint size)
    {
        NativeMemory.Free(_start);
        _start = null;
        _start = (byte*)NativeMemory.Alloc(size);
        Size = size;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(_start);
        _start = null;
    }
}
