using System.Xml.Linq;
using Opal.Testing;

namespace Opal.Architecture.Tests;

/// <summary>Arrows point inward only: the table of docs/architecture.md, held by machine.</summary>
public sealed class ProjectReferences
{
    // project -> what its project file may reference directly; the closure of these is what it may use
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Primitives"] = [],
        ["Trie"] = ["Primitives"],
        ["Evm"] = ["Primitives"],
        ["Protocol"] = ["Primitives", "Trie", "Evm"],
        ["Derivation"] = ["Primitives", "Protocol"],
        ["Crypto"] = ["Primitives"],
        ["Storage"] = ["Primitives"],
        ["Compiler"] = ["Primitives", "Evm"],
        ["State"] = ["Storage", "Trie", "Evm"],
        ["FaultProof"] = ["Primitives", "Trie", "Evm", "Protocol", "Derivation", "Crypto"],
        ["JsonRpc"] = ["Primitives", "Protocol"],
        ["TxManager"] = ["Protocol", "Crypto", "JsonRpc"],
        ["Execution"] = ["State", "Compiler", "Protocol", "JsonRpc"],
        ["DevL1"] = ["Crypto", "Execution"],
        ["Node"] = ["Derivation", "JsonRpc", "Storage"],
        ["Batcher"] = ["Derivation", "Storage", "TxManager"],
        ["Proposer"] = ["Protocol", "Storage", "TxManager"],
        ["Challenger"] = ["FaultProof", "TxManager"],
        ["Deployer"] = ["Protocol", "Evm", "TxManager"],
        ["Devnet"] = ["*"],
        ["Dashboard"] = ["*"],
        ["Cli"] = ["*"],
    };

    private static string SourceFolder => Path.Combine(Vectors.RepositoryRoot, "src");

    public static TheoryData<string> Projects()
    {
        var data = new TheoryData<string>();
        foreach (string folder in Directory.EnumerateDirectories(SourceFolder, "Opal.*").Order()) data.Add(Path.GetFileName(folder));
        return data;
    }

    [Theory, MemberData(nameof(Projects))]
    public void A_project_references_only_what_the_table_allows(string project)
    {
        string name = project["Opal.".Length..];
        Assert.True(Allowed.TryGetValue(name, out string[]? allowed), $"{project} is not in the table of allowed references");
        XDocument file = XDocument.Load(Path.Combine(SourceFolder, project, project + ".csproj"));
        foreach (XElement reference in file.Descendants("ProjectReference"))
        {
            string target = Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/'))["Opal.".Length..];
            Assert.True(allowed!.Contains("*") || allowed.Contains(target), $"{project} may not reference Opal.{target}");
        }
    }

    [Theory]
    [InlineData("Opal.Primitives"), InlineData("Opal.Trie"), InlineData("Opal.Evm"), InlineData("Opal.Protocol"), InlineData("Opal.Derivation")]
    public void The_core_takes_no_package_and_no_framework_but_the_base_library(string project)
    {
        XDocument file = XDocument.Load(Path.Combine(SourceFolder, project, project + ".csproj"));
        Assert.Empty(file.Descendants("PackageReference"));
        Assert.Empty(file.Descendants("FrameworkReference"));
    }
}
