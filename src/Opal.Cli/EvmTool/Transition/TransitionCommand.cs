namespace Opal.Cli.EvmTool.Transition;

/// <summary><c>opal evm t8n</c>: geth's transition tool for Ethereum's forks since London.</summary>
public static class TransitionCommand
{
    /// <summary>Runs the command.</summary>
    /// <param name="options">The flags.</param>
    /// <param name="stdin">Gives the parts that are read from stdin.</param>
    /// <param name="stdout">Gets the outputs directed to stdout.</param>
    /// <param name="stderr">Gets the outputs directed to stderr, and what went wrong.</param>
    /// <returns>0, or geth's exit code for what went wrong (<see cref="TransitionException"/>).</returns>
    public static int Run(TransitionOptions options, TextReader stdin, TextWriter stdout, TextWriter stderr)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            if (options.OutputBaseDir.Length > 0) MakeFolder(options.OutputBaseDir);
            TransitionResult result = TransitionRunner.Run(options, TransitionInput.Read(options, stdin));
            TransitionOutput.Write(options, result, stdout, stderr);
            return 0;
        }
        catch (TransitionException e)
        {
            stderr.WriteLine($"ERROR({e.Code}): {e.Message}");
            return e.Code;
        }
    }

    private static void MakeFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TransitionException(TransitionException.Io, $"failed creating output basedir: {e.Message}", e);
        }
    }
}
