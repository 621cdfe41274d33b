using System.CommandLine;
using Opal.Cli.EvmTool;
using Opal.Cli.EvmTool.Running;

namespace Opal.Cli;

/// <summary>`opal evm run`: the flags of geth's `evm run`, and <c>--code</c> and <c>--fork</c>.</summary>
internal static class EvmRunVerb
{
    public static Command Create()
    {
        var argument = new Argument<string?>("CODE") { Description = "The code in hexadecimal.", Arity = ArgumentArity.ZeroOrOne };
        var code = Text("--code", "The code in hexadecimal.");
        var codeFile = Text("--codefile", "File containing EVM code. If '-' is specified, code is read from stdin.");
        var input = Text("--input", "Input for the EVM.");
        var inputFile = Text("--inputfile", "File containing input for the EVM.");
        var gas = new Option<ulong>("--gas") { Description = "Gas limit for the EVM.", DefaultValueFactory = _ => new RunOptions().Gas };
        var price = Text("--price", "Price set for the EVM, in wei.");
        var value = Text("--value", "Value set for the EVM, in wei.");
        var sender = Text("--sender", "The transaction origin.");
        var receiver = Text("--receiver", "The transaction receiver (execution context).");
        var create = Flag("--create", "Create a contract with the code instead of calling it.");
        var prestate = Text("--prestate", "JSON file with the prestate: a genesis, or its alloc alone.");
        var fork = Text("--fork", $"The fork: {string.Join(", ", ToolForks.Names)}.");
        var dump = Flag("--dump", "Print the state after the run.");
        var bench = Flag("--bench", "Repeat the execution for a second and report means.");
        var statistics = Flag("--statdump", "Report gas, time and allocations.");
        var trace = new TraceFlags();
        var verb = new Command("run", "Runs EVM code.")
        {
            argument, code, codeFile, input, inputFile, gas, price, value, sender, receiver, create, prestate, fork, dump, bench, statistics,
        };
        trace.AddTo(verb);
        verb.SetAction(parsed => trace.TryRead(parsed, "opal evm run", Console.Error, out bool wantsTrace, out StepTraceOptions steps)
            ? RunCommand.Run(
                new RunOptions
                {
                    Code = parsed.GetValue(code) ?? parsed.GetValue(argument),
                    CodeFile = parsed.GetValue(codeFile),
                    Input = parsed.GetValue(input),
                    InputFile = parsed.GetValue(inputFile),
                    Gas = parsed.GetValue(gas),
                    Price = parsed.GetValue(price),
                    Value = parsed.GetValue(value),
                    Sender = parsed.GetValue(sender),
                    Receiver = parsed.GetValue(receiver),
                    Create = parsed.GetValue(create),
                    Prestate = parsed.GetValue(prestate),
                    Fork = parsed.GetValue(fork),
                    Trace = wantsTrace,
                    Steps = steps,
                    Dump = parsed.GetValue(dump),
                    Bench = parsed.GetValue(bench),
                    StatDump = parsed.GetValue(statistics),
                },
                Console.In,
                Console.Out,
                Console.Error)
            : 2);
        return verb;
    }

    private static Option<string?> Text(string name, string description) => new(name) { Description = description };

    private static Option<bool> Flag(string name, string description) => new(name) { Description = description };
}
