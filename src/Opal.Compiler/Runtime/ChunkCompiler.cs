namespace Opal.Compiler;

/// <summary>Makes the method of a chunk.</summary>
/// <param name="layout">The code.</param>
/// <param name="chunk">The chunk's number.</param>
/// <param name="ilBytes">The size of the method's IL.</param>
/// <param name="localReferences">How often it names a local.</param>
internal delegate ChunkBody ChunkCompiler(CodeLayout layout, int chunk, out int ilBytes, out int localReferences);
