using System.CommandLine;
using Opal.Cli.EvmTool;
using Opal.Cli.EvmTool.Transition;

namespace Opal.Cli;

/// <summary>`opal evm t8n` (also `transition`): the flags of geth's transition tool.</summary>
internal static class EvmTransitionVerb
{
    public static Command Create()
    {
        var defaults = new TransitionOptions();
        var alloc = Text("--input.alloc", "`stdin` or the file of the state before.", defaults.InputAlloc);
        var env = Text("--input.env", "`stdin` or the file of the block's environment.", defaults.InputEnv);
        var txs = Text("--input.txs", "`stdin` or the file of the transactions; a name that ends in .rlp is an RLP list in hexadecimal.", defaults.InputTxs);
        var folder = Text("--output.basedir", "The folder of output files. Created if it does not exist.", defaults.OutputBaseDir);
        var outAlloc = Text("--output.alloc", "`stdout`, `stderr` or the file for the state afterwards.", defaults.OutputAlloc);
        var outResult = Text("--output.result", "`stdout`, `stderr` or the file for the result (roots, receipts).", defaults.OutputResult);
        var outBody = Text("--output.body", "`stdout`, `stderr` or the file for the RLP of the transactions.", defaults.OutputBody);
        var fork = Text("--state.fork", $"The fork: {string.Join(", ", ToolForks.EthereumNames)}; or one to the next, as in CancunToPragueAtTime15k.", defaults.Fork);
        var chain = new Option<ulong>("--state.chainid") { Description = "The chain's id.", DefaultValueFactory = _ => defaults.ChainId };
        var reward = Text("--state.reward", "The block reward in wei. -1 is none.", "0");
        var trace = new TraceFlags();
        var verb = new Command("t8n", "Applies transactions to a state: geth's transition tool.") { alloc, env, txs, folder, outAlloc, outResult, outBody, fork, chain, reward };
        verb.Aliases.Add("transition");
        trace.AddTo(verb);
        verb.SetAction(parsed =>
        {
            if (!trace.TryRead(parsed, "opal evm t8n", Console.Error, out bool wantsTrace, out StepTraceOptions steps)) return TransitionException.Config;
            if (!TryReadReward(parsed.GetValue(reward)!, out long wei))
            {
                Console.Error.WriteLine($"ERROR({TransitionException.Config}): --state.reward {parsed.GetValue(reward)} is no whole number of wei, or -1");
                return TransitionException.Config;
            }

            var options = new TransitionOptions
            {
                InputAlloc = parsed.GetValue(alloc)!,
                InputEnv = parsed.GetValue(env)!,
                InputTxs = parsed.GetValue(txs)!,
                OutputBaseDir = parsed.GetValue(folder)!,
                OutputAlloc = parsed.GetValue(outAlloc)!,
                OutputResult = parsed.GetValue(outResult)!,
                OutputBody = parsed.GetValue(outBody)!,
                Fork = parsed.GetValue(fork)!,
                ChainId = parsed.GetValue(chain),
                Reward = wei,
                Trace = wantsTrace,
                Steps = steps,
            };
            return TransitionCommand.Run(options, Console.In, Console.Out, Console.Error);
        });
        return verb;
    }

    private static bool TryReadReward(string text, out long wei)
    {
        wei = -1;
        if (text == "-1") return true;
        if (!Primitives.UInt256.TryParse(text, out Primitives.UInt256 value) || value > long.MaxValue) return false;
        wei = (long)value.U0;
        return true;
    }

    private static Option<string> Text(string name, string description, string value) => new(name) { Description = description, DefaultValueFactory = _ => value };
}
