using System.Runtime.CompilerServices;
using Opal.Evm;

namespace Opal.Compiler;

/// <summary>A whole code as machine code: one method a chunk, and the trampoline between chunks and frames.</summary>
internal sealed unsafe class CompiledCode : ICompiledCode
{
    private readonly ChunkBody[] _chunks;
    private readonly ushort[] _chunkOfBlock;
    private readonly ushort[] _map;   // pinned; alive as long as this is

    /// <summary>Read by machine code: the layout's destination map.</summary>
    internal readonly ushort* Map;

    public CompiledCode(CodeLayout layout, Func<int, ChunkBody> compileChunk)
    {
        _map = layout.DestinationMap;
        Map = (ushort*)Unsafe.AsPointer(ref _map[0]);
        CodeLength = layout.Code.Length;
        _chunkOfBlock = new ushort[layout.Blocks.Length];
        _chunks = new ChunkBody[layout.ChunkStarts.Length - 1];
        for (int chunk = 0; chunk < _chunks.Length; chunk++)
        {
            _chunks[chunk] = compileChunk(chunk);
            _chunkOfBlock.AsSpan(layout.ChunkStarts[chunk]..layout.ChunkStarts[chunk + 1]).Fill((ushort)chunk);
        }
    }

    /// <summary>The length of the bytecode.</summary>
    public int CodeLength { get; }

    /// <inheritdoc/>
    public Frame* Run(EvmMachine machine, Frame* frame)
    {
        CompiledCode code = this;
        while (true)
        {
            Frame* next = code._chunks[code._chunkOfBlock[(int)frame->Pc]](code, machine, frame);
            if (next == null || next->Engine != FrameEngine.Compiled) return next;
            if (next != frame) code = Unsafe.As<CompiledCode>(machine.CompiledAt(next->Depth));
            frame = next;
        }
    }

    /// <summary>Has the JIT compile the method now, by a call that does nothing: code that it rejects must not get as far as a frame.</summary>
    public static void Prepare(ChunkBody chunk)
    {
        var frame = new Frame { Pc = (byte*)-1 };
        chunk(null!, null!, &frame);
    }
}
