namespace Opal.Differential.Tests;

/// <summary>Differences once found, with the outcome that the specification asks for, replayed without anvil.</summary>
public sealed class VectorReplayTests
{
    private static string Folder => Path.Combine(Testing.Vectors.RepositoryRoot, "tests", "Opal.Differential.Tests", "Vectors");

    public static TheoryData<string> Files()
    {
        var data = new TheoryData<string>();
        foreach (string file in Directory.EnumerateFiles(Folder, "*.json").Order()) data.Add(Path.GetFileName(file));
        return data;
    }

    [Theory, MemberData(nameof(Files))]
    public void A_found_difference_stays_settled(string file)
    {
        VectorFile.Vector vector = VectorFile.Read(File.ReadAllBytes(Path.Combine(Folder, file)));
        OpalRunner.Result ours = new OpalRunner().Run(vector.Script);
        int[] order = [.. Enumerable.Range(0, vector.Script.Blocks.Max(b => b.Transactions.Count))];
        // of the block itself the file has anvil's header and state root, which are the disputed ones
        Assert.DoesNotContain(Comparison.Compare(vector.Expected, ours.Blocks, order), difference => difference.Case >= 0);
    }
}
