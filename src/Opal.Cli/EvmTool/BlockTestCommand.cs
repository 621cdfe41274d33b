using Opal.Crypto;

namespace Opal.Cli.EvmTool;

/// <summary><c>opal evm blocktest [--fork F] [--run REGEX] [--json] PATH...</c></summary>
public static class BlockTestCommand
{
    /// <summary>Runs the command.</summary>
    /// <returns>As <see cref="TestCommand.Run"/>.</returns>
    public static int Run(IReadOnlyList<string> paths, string? fork, string? run, bool json, TextWriter stdout, TextWriter stderr) => TestCommand.Run(
        "opal evm blocktest",
        paths,
        fork,
        run,
        json,
        name => ToolForks.TrySpec(name, 1, _ => null, out _, out _),
        only => new BlockTestRunner(NativeCrypto.Instance, only),
        stdout,
        stderr);
}
