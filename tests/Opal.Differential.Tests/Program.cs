using System.Diagnostics;

namespace Opal.Differential.Tests;

/// <summary>The long run: <c>--seed N --count N --fork NAME[,NAME…] [--kind NAME] [--batch N] [--outputs N] [--index N] [--vectors FOLDER]</c>.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        FuzzOptions options;
        try
        {
            options = FuzzOptions.Parse(arguments);
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync($"fuzz: {e.Message}").ConfigureAwait(false);
            return 2;
        }

        Console.WriteLine(AnvilProcess.Version());
        int different = 0;
        foreach (FuzzFork fork in options.Forks)
        {
            var watch = Stopwatch.StartNew();
            Campaign.Result result = await new Campaign(fork, options).RunAsync(Console.Out).ConfigureAwait(false);
            Console.WriteLine($"{fork.Name}: seed {options.Seed}, {result.Cases} programs ({result.Included} in blocks, {result.Succeeded} succeeded), "
                + $"{result.GasUsed} gas, {result.Different} different, {watch.Elapsed.TotalSeconds:f0} s");
            different += result.Different;
        }

        return different == 0 ? 0 : 1;
    }
}
