using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Opal.Testing;

namespace Opal.Architecture.Tests;

/// <summary>Which tests carry which ids of <see cref="CaseAttribute"/>, read from the built test assemblies.</summary>
internal static class TestsByCase
{
    /// <summary>Every id of the wanted kind with its tests, as Class.Method. All test projects that name cases must be built.</summary>
    public static Dictionary<string, List<string>> Read(Func<string, bool> isWanted)
    {
        Dictionary<string, List<string>> tests = Named(out List<string> unbuilt);
        Assert.True(unbuilt.Count == 0, $"build these first: {string.Join(", ", unbuilt)}");
        return tests.Where(entry => isWanted(entry.Key)).ToDictionary(StringComparer.Ordinal);
    }

    private static Dictionary<string, List<string>> Named(out List<string> unbuilt)
    {
        unbuilt = [];
        var tests = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        string output = Path.GetRelativePath(Path.Combine(Vectors.RepositoryRoot, "tests", "Opal.Architecture.Tests"), AppContext.BaseDirectory);
        foreach (string folder in Directory.GetDirectories(Path.Combine(Vectors.RepositoryRoot, "tests"), "Opal.*.Tests").Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(folder), assembly = Path.Combine(folder, output, name + ".dll");
            if (File.Exists(assembly)) ReadAssembly(assembly, tests);
            else if (NamesCases(folder)) unbuilt.Add(name);
        }

        return tests;
    }

    private static bool NamesCases(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Any(static file => File.ReadAllText(file).Contains("[Case(", StringComparison.Ordinal));

    private static void ReadAssembly(string assembly, Dictionary<string, List<string>> tests)
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
