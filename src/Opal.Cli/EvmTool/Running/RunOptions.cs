namespace Opal.Cli.EvmTool.Running;

/// <summary>The flags of <c>opal evm run</c>; texts as they were given, null where they were not.</summary>
public sealed record RunOptions
{
    /// <summary>Code in hexadecimal: <c>--code</c> or the argument.</summary>
    public string? Code { get; init; }

    /// <summary>A file of code in hexadecimal; - is the standard input.</summary>
    public string? CodeFile { get; init; }

    /// <summary>Call data in hexadecimal.</summary>
    public string? Input { get; init; }

    /// <summary>A file of call data in hexadecimal.</summary>
    public string? InputFile { get; init; }

    /// <summary>Gas for the execution; a prestate's gas limit goes before it, as in geth.</summary>
    public ulong Gas { get; init; } = 10_000_000_000;

    /// <summary>GASPRICE in wei.</summary>
    public string? Price { get; init; }

    /// <summary>Wei that go with the call.</summary>
    public string? Value { get; init; }

    /// <summary>The caller.</summary>
    public string? Sender { get; init; }

    /// <summary>The contract that is called.</summary>
    public string? Receiver { get; init; }

    /// <summary>Whether the code is init code that creates a contract.</summary>
    public bool Create { get; init; }

    /// <summary>A file of the state before: a genesis, or its alloc alone.</summary>
    public string? Prestate { get; init; }

    /// <summary>The fork; null takes the prestate's schedule, or the newest Ethereum fork.</summary>
    public string? Fork { get; init; }

    /// <summary>Whether to write the steps as JSON lines to the standard error.</summary>
    public bool Trace { get; init; }

    /// <summary>What the steps show.</summary>
    public StepTraceOptions Steps { get; init; } = new(Memory: false, Stack: true, ReturnData: false, CallFrames: false);

    /// <summary>Whether to print the state afterwards.</summary>
    public bool Dump { get; init; }

    /// <summary>Whether to repeat the execution for at least a second and report means.</summary>
    public bool Bench { get; init; }

    /// <summary>Whether to report time, allocations and gas of the one execution.</summary>
    public bool StatDump { get; init; }
}
