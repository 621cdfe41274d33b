namespace Opal.Compiler;

/// <summary>What a compiler has done so far.</summary>
public readonly record struct CodeCompilerStatistics
{
    /// <summary>Codes compiled.</summary>
    public long Compiled { get; init; }

    /// <summary>Codes that could not be compiled.</summary>
    public long Failed { get; init; }

    /// <summary>Codes whose machine code was given up.</summary>
    public long Evicted { get; init; }

    /// <summary>Reports that found the queue full.</summary>
    public long Refused { get; init; }

    /// <summary>Bytecode bytes compiled, those evicted since included.</summary>
    public long CodeBytes { get; init; }

    /// <summary>Bytes of IL made of them.</summary>
    public long IlBytes { get; init; }

    /// <summary>Time spent compiling, rests left out.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Bytecode bytes that have machine code now.</summary>
    public long LiveBytes { get; init; }

    /// <summary>The most often any method names a local; the JIT optimises up to 8,000.</summary>
    public int MostLocalReferences { get; init; }
}
