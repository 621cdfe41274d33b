using Opal.Evm;

namespace Opal.Compiler;

/// <summary>The machine code of a chunk. Begins at the block whose number is in the frame's Pc; with a number that is not the chunk's it does nothing.</summary>
/// <returns>The frame to go on with; null when the top-level frame has ended.</returns>
internal unsafe delegate Frame* ChunkBody(CompiledCode code, EvmMachine machine, Frame* frame);
