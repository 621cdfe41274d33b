using System.Diagnostics;

namespace Opal.Differential.Tests;

/// <summary>The long run: <c>--seed N --count N --fork NAME[,NAME…] [--kind NAME] [--batch N] [--outputs N] [--index N] [--start N]
/// [--findings N] [--vectors FOLDER]</c>; <c>settle FILE WHY</c> makes our outcome the one a vector expects.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is ["settle", var file, var about]) return Settle(file, about);
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

    /// <summary>Rewrites a found vector with our outcome, where the specification says that ours is right.</summary>
    private static int Settle(string file, string about)
    {
        VectorFile.Vector vector = VectorFile.Read(File.ReadAllBytes(file));
        File.WriteAllBytes(file, VectorFile.Write(vector.Name, about, vector.Script, new OpalRunner().Run(vector.Script).Blocks));
        Console.WriteLine($"{file}: now holds our outcome");
        return 0;
    }
}
