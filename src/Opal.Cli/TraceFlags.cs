using System.CommandLine;
using Opal.Cli.EvmTool;

namespace Opal.Cli;

/// <summary>The flags that say what a step trace shows. geth's `run` and `t8n` name them differently; both forms are understood by both.</summary>
internal sealed class TraceFlags
{
    private readonly Option<bool> _trace = new("--trace", "--json") { Description = "Write the steps as JSON lines (EIP-3155)." };
    private readonly Option<string> _format = new("--trace.format") { Description = "Trace output format: json.", DefaultValueFactory = _ => "json" };
    private readonly Option<bool> _memory = new("--trace.memory") { Description = "Show the memory." };
    private readonly Option<bool> _noMemory = new("--trace.nomemory", "--nomemory") { Description = "Do not show the memory.", DefaultValueFactory = _ => true };
    private readonly Option<bool> _noStack = new("--trace.nostack", "--nostack") { Description = "Do not show the stack." };
    private readonly Option<bool> _noStorage = new("--trace.nostorage", "--nostorage") { Description = "Accepted; JSON lines show no storage." };
    private readonly Option<bool> _returnData = new("--trace.returndata") { Description = "Show the return data." };
    private readonly Option<bool> _noReturnData = new("--trace.noreturndata", "--noreturndata") { Description = "Do not show the return data.", DefaultValueFactory = _ => true };
    private readonly Option<bool> _callFrames = new("--trace.callframes") { Description = "Show the frames that are entered." };

    public void AddTo(Command verb)
    {
        foreach (Option option in (Option[])[_trace, _format, _memory, _noMemory, _noStack, _noStorage, _returnData, _noReturnData, _callFrames]) verb.Add(option);
    }

    public bool TryRead(ParseResult parsed, string command, TextWriter stderr, out bool wantsTrace, out StepTraceOptions steps)
    {
        wantsTrace = parsed.GetValue(_trace);
        steps = new StepTraceOptions(
            Memory: parsed.GetValue(_memory) || !parsed.GetValue(_noMemory),
            Stack: !parsed.GetValue(_noStack),
            ReturnData: parsed.GetValue(_returnData) || !parsed.GetValue(_noReturnData),
            CallFrames: parsed.GetValue(_callFrames));
        string format = parsed.GetValue(_format)!;
        if (format == "json") return true;
        stderr.WriteLine($"{command}: unknown trace format '{format}' (known: json)");
        return false;
    }
}
