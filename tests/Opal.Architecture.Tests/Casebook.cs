using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using Opal.Testing;

namespace Opal.Architecture.Tests;

/// <summary>docs/conformance.md lists the cases of derivation; every one has a test that names it, and no test names another.</summary>
public sealed partial class Casebook
{
    [Fact]
    public void Every_case_has_a_test_and_every_test_a_case()
    {
        HashSet<string> cases = Listed();
        Dictionary<string, List<string>> tests = Named(out List<string> unbuilt);
        Assert.True(unbuilt.Count == 0, $"build these first: {string.Join(", ", unbuilt)}");
        string[] untested = [.. cases.Where(id => !tests.ContainsKey(id)).Order(StringComparer.Ordinal)];
        string[] unknown = [.. tests.Where(entry => !cases.Contains(entry.Key)).Select(entry => $"{entry.Key} ({entry.Value[0]})").Order(StringComparer.Ordinal)];
        Assert.True(untested.Length == 0, $"cases of docs/conformance.md without a test: {string.Join(", ", untested)}");
        Assert.True(unknown.Length == 0, $"tests name cases that docs/conformance.md does not list: {string.Join(", ", unknown)}");
        Console.WriteLine($"[count] casebook: {cases.Count} cases, {cases.Count(tests.ContainsKey)} covered by {tests.Values.SelectMany(static names => names).Distinct().Count()} tests");
    }

    [Fact]
    public void The_list_is_whole()
    {
        // the numbers of a group have no holes, so that a row cannot fall out of the table unseen
        foreach (IGrouping<string, string> group in Listed().GroupBy(static id => id[..id.LastIndexOf('-')]))
        {
            int[] numbers = [.. group.Select(static id => int.Parse(id[(id.LastIndexOf('-') + 1)..])).Order()];
            Assert.Equal(Enumerable.Range(1, numbers.Length), numbers);
        }

        Assert.Equal(238, Listed().Count);
    }

    [GeneratedRegex(@"^\| ((?:D-[A-Z]{2}|V)-\d{2}) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    private static HashSet<string> Listed()
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        string page = File.ReadAllText(Path.Combine(Vectors.RepositoryRoot, "docs", "conformance.md"));
        foreach (Match row in Row().Matches(page)) Assert.True(ids.Add(row.Groups[1].Value), $"{row.Groups[1].Value} is listed twice");
        return ids;
    }

    /// <summary>The tests that name a case, from the attributes in the built test assemblies.</summary>
    private static Dictionary<string, List<string>> Named(out List<string> unbuilt)
    {
        unbuilt = [];
        var tests = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        string output = Path.GetRelativePath(Path.Combine(Vectors.RepositoryRoot, "tests", "Opal.Architecture.Tests"), AppContext.BaseDirectory);
        foreach (string folder in Directory.GetDirectories(Path.Combine(Vectors.RepositoryRoot, "tests"), "Opal.*.Tests").Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(folder), assembly = Path.Combine(folder, output, name + ".dll");
            if (File.Exists(assembly)) Read(assembly, tests);
            else if (NamesCases(folder)) unbuilt.Add(name);
        }

        return tests;
    }

    private static bool NamesCases(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Any(static file => File.ReadAllText(file).Contains("[Case(", StringComparison.Ordinal));

    private static void Read(string assembly, Dictionary<string, List<string>> tests)
    {
        using var pe = new PEReader(File.OpenRead(assembly));
        MetadataReader metadata = pe.GetMetadataReader();
        foreach (MethodDefinitionHandle handle in metadata.MethodDefinitions)
        {
            MethodDefinition method = metadata.GetMethodDefinition(handle);
            string? ids = null;
            bool isTest = false;
            foreach (CustomAttributeHandle attribute in method.GetCustomAttributes())
            {
                CustomAttribute value = metadata.GetCustomAttribute(attribute);
                string type = TypeOf(metadata, value);
                isTest |= type.EndsWith("FactAttribute", StringComparison.Ordinal) || type.EndsWith("TheoryAttribute", StringComparison.Ordinal);
                if (type != nameof(CaseAttribute)) continue;
                BlobReader blob = metadata.GetBlobReader(value.Value);
                Assert.Equal(1, blob.ReadUInt16());
                ids = blob.ReadSerializedString();
            }

            if (ids is null) continue;
            string name = $"{metadata.GetString(metadata.GetTypeDefinition(method.GetDeclaringType()).Name)}.{metadata.GetString(method.Name)}";
            Assert.True(isTest, $"{name} names cases, but is no test");
            foreach (string id in ids.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!tests.TryGetValue(id, out List<string>? names)) tests.Add(id, names = []);
                names.Add(name);
            }
        }
    }

    private static string TypeOf(MetadataReader metadata, CustomAttribute attribute)
    {
        if (attribute.Constructor.Kind == HandleKind.MemberReference)
        {
            EntityHandle parent = metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent;
            return parent.Kind == HandleKind.TypeReference ? metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)parent).Name) : "";
        }

        MethodDefinition constructor = metadata.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor);
        return metadata.GetString(metadata.GetTypeDefinition(constructor.GetDeclaringType()).Name);
    }
}
