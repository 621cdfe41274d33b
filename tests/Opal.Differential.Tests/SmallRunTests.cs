using Xunit.Abstractions;

namespace Opal.Differential.Tests;

/// <summary>A short run on every fork that both sides know; <c>OPAL_FUZZ_COUNT</c> and <c>OPAL_FUZZ_SEED</c> make it a long or another one.</summary>
public sealed class SmallRunTests(ITestOutputHelper output)
{
    private const ulong DefaultCount = 60;

    public static TheoryData<string> Forks()
    {
        var data = new TheoryData<string>();
        foreach (FuzzFork fork in FuzzFork.All) data.Add(fork.Name);
        return data;
    }

    private static ulong Setting(string name, ulong otherwise) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? ulong.Parse(text) : otherwise;

    [Theory, MemberData(nameof(Forks))]
    public async Task Programs_end_here_as_they_end_in_anvil(string fork)
    {
        var options = new FuzzOptions { Seed = Setting("OPAL_FUZZ_SEED", 1), Count = Setting("OPAL_FUZZ_COUNT", DefaultCount), MostFindings = 3 };
        using var log = new StringWriter();
        Campaign.Result result = await new Campaign(FuzzFork.Find(fork), options).RunAsync(log);
        output.WriteLine(log.ToString());
        Console.WriteLine($"[count] {fork}: seed {options.Seed}, {result.Cases} programs, {result.Succeeded} succeeded, {result.Different} different");
        Assert.True(result.Different == 0, log.ToString());
        Assert.Equal((int)options.Count, result.Cases);
        Assert.True(result.Succeeded > result.Cases / 10 && result.Succeeded < result.Cases, "the programs are of one kind only");
    }
}
