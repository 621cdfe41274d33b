namespace Opal.Cli.EvmTool.Transition;

/// <summary>The flags of <c>opal evm t8n</c>.</summary>
public sealed record TransitionOptions
{
    /// <summary>The word that stands for the standard input.</summary>
    public const string Stdin = "stdin";

    /// <summary>File of the accounts, or stdin.</summary>
    public string InputAlloc { get; init; } = "alloc.json";

    /// <summary>File of the environment, or stdin.</summary>
    public string InputEnv { get; init; } = "env.json";

    /// <summary>File of the transactions (.rlp: an RLP list in hexadecimal, as a JSON string), or stdin.</summary>
    public string InputTxs { get; init; } = "txs.json";

    /// <summary>The folder of output files; made if absent.</summary>
    public string OutputBaseDir { get; init; } = "";

    /// <summary>Where the accounts afterwards go: stdout, stderr, a file, or nowhere (empty).</summary>
    public string OutputAlloc { get; init; } = "alloc.json";

    /// <summary>Where the result goes.</summary>
    public string OutputResult { get; init; } = "result.json";

    /// <summary>Where the RLP of the transactions goes.</summary>
    public string OutputBody { get; init; } = "";

    /// <summary>The fork, or <c>XToYAtTime15k</c>.</summary>
    public string Fork { get; init; } = "London";

    /// <summary>The chain's id.</summary>
    public ulong ChainId { get; init; } = 1;

    /// <summary>The block reward in wei; -1 is none.</summary>
    public long Reward { get; init; }

    /// <summary>Whether to write a trace file for each transaction.</summary>
    public bool Trace { get; init; }

    /// <summary>What the traces show.</summary>
    public StepTraceOptions Steps { get; init; } = new(Memory: false, Stack: true, ReturnData: false, CallFrames: false);
}
