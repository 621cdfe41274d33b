using Opal.Devnet;

namespace Opal.Cli;

/// <summary>Runs a devnet until it is told to stop.</summary>
internal static class DevnetCommand
{
    public static Task<int> RunAsync(DevnetOptions options, CancellationToken cancel)
    {
        _ = options;
        _ = cancel;
        Console.Error.WriteLine("opal devnet: not built yet");
        return Task.FromResult(2);
    }
}
