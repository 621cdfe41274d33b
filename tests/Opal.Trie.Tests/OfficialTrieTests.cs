using System.Text;
using System.Text.Json;
using Opal.Primitives;
using Opal.Testing;

namespace Opal.Trie.Tests;

public class OfficialTrieTests
{
    private const string Archive = "crypto/ethereum-tests-trietests.tar.gz";

    public static TheoryData<string, bool> Files => new()
    {
        { "trietest.json", false },
        { "trieanyorder.json", false },
        { "trietest_secureTrie.json", true },
        { "trieanyorder_secureTrie.json", true },
        { "hex_encoded_securetrie_test.json", true },
    };

    [VectorTheory, MemberData(nameof(Files))]
    public void Root_is_the_published_one(string file, bool secure)
    {
        int cases = 0;
        byte[] json = Vectors.ReadArchive(Archive).Single(f => Path.GetFileName(f.Name) == file).Data;
        foreach (JsonProperty test in JsonDocument.Parse(json).RootElement.EnumerateObject())
        {
            var root = Hash256.Parse(test.Value.GetProperty("root").GetString());
            List<(byte[] Key, byte[] Value)> steps = Steps(test.Value.GetProperty("in"), secure);

            PatriciaTrie oneByOne = PatriciaTrie.Empty, hashedEachTime = PatriciaTrie.Empty;
            foreach ((byte[] key, byte[] value) in steps)
            {
                oneByOne = oneByOne.Set(key, value);
                hashedEachTime = hashedEachTime.Set(key, value);
                _ = hashedEachTime.RootHash;
            }

            Assert.Equal(root, oneByOne.RootHash);
            Assert.Equal(root, hashedEachTime.RootHash);

            var batch = new TrieBatch();
            foreach (var last in steps.GroupBy(s => Hex.Encode(s.Key)).Select(g => g.Last())) batch.Add(last.Key, last.Value);
            Assert.Equal(TrieStatus.Ok, batch.TryApply(PatriciaTrie.Empty, out PatriciaTrie atOnce));
            Assert.Equal(root, atOnce.RootHash);
            cases++;
        }

        Assert.True(cases > 0);
    }

    private static List<(byte[] Key, byte[] Value)> Steps(JsonElement input, bool secure)
    {
        var steps = new List<(byte[], byte[])>();
        if (input.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty p in input.EnumerateObject()) steps.Add((Key(p.Name), Bytes(p.Value.GetString())));
        }
        else
        {
            foreach (JsonElement pair in input.EnumerateArray()) steps.Add((Key(pair[0].GetString()!), Bytes(pair[1].GetString())));
        }

        return steps;

        byte[] Key(string text) => secure ? Keccak256.Hash(Bytes(text)).ToArray() : Bytes(text);
    }

    private static byte[] Bytes(string? text) =>
        text is null ? [] : text.StartsWith("0x", StringComparison.Ordinal) ? Hex.Decode(text) : Encoding.UTF8.GetBytes(text);
}
