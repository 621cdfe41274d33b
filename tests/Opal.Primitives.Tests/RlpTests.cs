using System.Numerics;
using System.Text;
using System.Text.Json;
using Opal.Primitives;
using Opal.Testing;

namespace Opal.Primitives.Tests;

public class RlpTests
{
    private const string Archive = "crypto/ethereum-tests-rlptests.tar.gz";

    private static IEnumerable<(string Name, JsonElement Case)> Cases(string file) =>
        Vectors.ReadArchive(Archive).Where(f => f.Name.EndsWith(file, StringComparison.Ordinal))
            .SelectMany(f => JsonDocument.Parse(f.Data).RootElement.EnumerateObject().Select(p => (p.Name, p.Value)));

    /// <summary>Reads everything in the sequence, lists too; false when something is not canonical.</summary>
    private static bool TryWalk(RlpReader reader, RlpWriter copy, int depth = 0)
    {
        while (!reader.AtEnd)
        {
            if (depth > 100) return true;
            if (reader.NextIsList)
            {
                if (!reader.TryReadList(out RlpReader items)) return false;
                int mark = copy.BeginList();
                if (!TryWalk(items, copy, depth + 1)) return false;
                copy.EndList(mark);
            }
            else
            {
                if (!reader.TryReadBytes(out ReadOnlySpan<byte> bytes)) return false;
                copy.WriteBytes(bytes);
            }
        }

        return true;
    }

    private static void Write(RlpWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                int mark = writer.BeginList();
                foreach (JsonElement item in value.EnumerateArray()) Write(writer, item);
                writer.EndList(mark);
                break;
            case JsonValueKind.Number:
                writer.WriteUInt64(value.GetUInt64());
                break;
            default:
                string text = value.GetString()!;
                if (text.StartsWith('#')) WriteBig(writer, BigInteger.Parse(text[1..], System.Globalization.CultureInfo.InvariantCulture));
                else writer.WriteBytes(Encoding.UTF8.GetBytes(text));
                break;
        }
    }

    private static void WriteBig(RlpWriter writer, BigInteger number) => writer.WriteBytes(number.ToByteArray(isUnsigned: true, isBigEndian: true));

    [VectorFact]
    public void Official_values_encode_as_published()
    {
        int count = 0;
        foreach ((string name, JsonElement test) in Cases("rlptest.json"))
        {
            var writer = new RlpWriter();
            Write(writer, test.GetProperty("in"));
            string expected = test.GetProperty("out").GetString()!.ToLowerInvariant();
            Assert.True(expected == Hex.Encode(writer.Written), name);
            var copy = new RlpWriter();
            Assert.True(TryWalk(new RlpReader(writer.Written), copy), name);
            Assert.Equal(expected, Hex.Encode(copy.Written));
            count++;
        }

        Assert.InRange(count, 15, 100);
    }

    [VectorFact]
    public void Official_invalid_encodings_are_refused()
    {
        int count = 0;
        foreach ((string name, JsonElement test) in Cases("invalidRLPTest.json"))
        {
            if (!Hex.TryDecode(test.GetProperty("out").GetString(), out byte[] encoding)) continue;
            bool accepted = encoding.Length > 0 && TryWalk(new RlpReader(encoding), new RlpWriter());
            Assert.False(accepted, name);
            count++;
        }

        Assert.InRange(count, 10, 100);
    }

    [Fact]
    public void Random_trees_come_back()
    {
        var random = new Random(11);
        for (int i = 0; i < 20_000; i++)
        {
            var writer = new RlpWriter();
            WriteTree(writer, random, 0);
            var copy = new RlpWriter();
            Assert.True(TryWalk(new RlpReader(writer.Written), copy));
            Assert.True(writer.Written.SequenceEqual(copy.Written));
        }
    }

    private static void WriteTree(RlpWriter writer, Random random, int depth)
    {
        if (depth < 4 && random.Next(3) == 0)
        {
            int mark = writer.BeginList();
            for (int n = random.Next(6); n > 0; n--) WriteTree(writer, random, depth + 1);
            writer.EndList(mark);
            return;
        }

        var bytes = new byte[random.Next(5) switch { 0 => 0, 1 => 1, 2 => random.Next(60), 3 => random.Next(300), _ => 32 }];
        random.NextBytes(bytes);
        writer.WriteBytes(bytes);
    }

    [Fact]
    public void What_random_bytes_are_accepted_encodes_to_the_same_bytes()
    {
        var random = new Random(12);
        for (int i = 0; i < 200_000; i++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            if (bytes.Length > 0 && random.Next(2) == 0) bytes[0] = (byte)(0x78 + random.Next(16));
            var copy = new RlpWriter();
            if (TryWalk(new RlpReader(bytes), copy)) Assert.Equal(bytes, copy.ToArray());
        }
    }

    [Fact]
    public void Large_items_get_long_headers()
    {
        foreach (int length in new[] { 55, 56, 255, 256, 65_535, 65_536, 1 << 20 })
        {
            var writer = new RlpWriter();
            writer.WriteBytes(new byte[length]);
            var reader = new RlpReader(writer.Written);
            Assert.True(reader.TryReadBytes(out ReadOnlySpan<byte> back));
            Assert.Equal(length, back.Length);
            Assert.True(reader.TryEnd());
        }
    }

    [Fact]
    public void Typed_reads_refuse_what_does_not_fit()
    {
        Assert.False(new RlpReader(Hex.Decode("0x820001")).TryReadUInt64(out _));               // leading zero
        Assert.False(new RlpReader(Hex.Decode("0x00")).TryReadUInt64(out _));                   // zero is the empty string
        Assert.False(new RlpReader(Hex.Decode("0x89010000000000000000")).TryReadUInt64(out _)); // 2^64
        Assert.False(new RlpReader(Hex.Decode("0x02")).TryReadBool(out _));
        Assert.False(new RlpReader(Hex.Decode("0x83010203")).TryReadAddress(out _));
        Assert.False(new RlpReader(Hex.Decode("0xc0")).TryReadBytes(out _));
        Assert.False(new RlpReader(Hex.Decode("0x80")).TryReadList(out _));
        Assert.False(RlpReader.TryOpenList(Hex.Decode("0xc000"), out _));                       // trailing byte
    }
}
