using System.Text.Json;
using Opal.Primitives;
using Opal.Testing;

namespace Opal.Trie.Tests;

public class NibblePathTests
{
    [VectorFact]
    public void The_hex_prefix_encoding_is_the_official_one()
    {
        byte[] json = Vectors.ReadArchive("crypto/ethereum-tests-basictests.tar.gz").Single(f => Path.GetFileName(f.Name) == "hexencodetest.json").Data;
        foreach (JsonProperty test in JsonDocument.Parse(json).RootElement.EnumerateObject())
        {
            NibblePath path = default;
            foreach (JsonElement digit in test.Value.GetProperty("seq").EnumerateArray()) path = path.Append(NibblePath.Prepend(digit.GetInt32(), default));
            bool leaf = test.Value.GetProperty("term").GetBoolean();
            var compact = new byte[path.CompactLength];
            path.WriteCompact(compact, leaf);
            Assert.Equal(test.Value.GetProperty("out").GetString(), Hex.Encode(compact)[2..]);
            Assert.True(NibblePath.TryReadCompact(compact, out NibblePath again, out bool isLeaf));
            Assert.Equal((leaf, path.Length), (isLeaf, again.Length));
            for (int i = 0; i < path.Length; i++) Assert.Equal(path[i], again[i]);
        }
    }

    [Fact]
    public void Encodings_that_are_none_are_refused()
    {
        Assert.False(NibblePath.TryReadCompact([], out _, out _));
        Assert.False(NibblePath.TryReadCompact([0x01], out _, out _));
        Assert.False(NibblePath.TryReadCompact([0x40], out _, out _));
        Assert.False(NibblePath.TryReadCompact([0x2f], out _, out _));
    }
}
