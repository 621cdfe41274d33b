using Opal.Crypto;

namespace Opal.Cli.EvmTool;

/// <summary><c>opal evm statetest [--fork F] [--run REGEX] [--json] PATH...</c></summary>
public static class StateTestCommand
{
    /// <summary>Runs the command.</summary>
    /// <returns>As <see cref="TestCommand.Run"/>.</returns>
    public static int Run(IReadOnlyList<string> paths, string? fork, string? run, bool json, TextWriter stdout, TextWriter stderr) => TestCommand.Run(
        "opal evm statetest",
        paths,
        fork,
        run,
        json,
        name => ToolForks.FindEthereum(name) is not null,
        only => new StateTestRunner(NativeCrypto.Instance, only),
        stdout,
        stderr);
}
