using System.Buffers.Binary;
using Opal.Primitives;
using Opal.Testing;

namespace Opal.Trie.Tests;

public class NodeCodecTests
{
    private static IEnumerable<byte[]> Preimages(string file)
    {
        byte[] all = Vectors.Read(file);
        for (int at = 0; at < all.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(all.AsSpan(at + 32));
            byte[] value = all[(at + 36)..(at + 36 + length)];
            Assert.Equal(new Hash256(all.AsSpan(at, 32)), Keccak256.Hash(value));
            yield return value;
            at += 36 + length;
        }
    }

    [VectorFact]
    public void Every_node_of_real_blocks_is_written_as_it_was_read()
    {
        int nodes = 0;
        foreach (string path in Directory.EnumerateFiles(Vectors.PathOf("real-blocks"), "*.preimages.bin.gz", SearchOption.AllDirectories))
        {
            foreach (byte[] value in Preimages(Path.GetRelativePath(Vectors.Root!, path)))
            {
                if (!NodeCodec.TryDecode(value, out TrieNode? node)) continue; // code and headers
                Assert.Equal(value, NodeCodec.Encode(node));
                nodes++;
            }
        }

        Assert.True(nodes > 10_000, $"{nodes}");
    }

    [Fact]
    public void Whatever_decodes_is_canonical()
    {
        var random = new Random(11);
        int decoded = 0;
        for (int round = 0; round < 200_000; round++)
        {
            byte[] bytes = RandomNode(random, 2);
            for (int flips = random.Next(3); flips > 0 && bytes.Length > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (!NodeCodec.TryDecode(bytes, out TrieNode? node)) continue;
            Assert.Equal(bytes, NodeCodec.Encode(node));
            decoded++;
        }

        Assert.True(decoded > 20_000, $"{decoded}");
    }

    private static byte[] RandomNode(Random random, int depth)
    {
        var writer = new RlpWriter();
        int list = writer.BeginList();
        int kind = random.Next(3);
        if (kind < 2)
        {
            var path = new byte[random.Next(1, 4)];
            random.NextBytes(path);
            path[0] = (byte)(random.Next(4) switch { 0 => 0x00, 1 => 0x10, 2 => 0x20, _ => 0x30 } | (random.Next(2) == 0 ? 0 : random.Next(16)));
            writer.WriteBytes(path);
            Item(kind == 1);
        }
        else
        {
            for (int i = 0; i < 16; i++) Item(true);
            writer.WriteBytes(random.Next(4) == 0 ? [1, 2, 3] : default);
        }

        writer.EndList(list);
        return writer.ToArray();

        void Item(bool reference)
        {
            switch (random.Next(reference ? 4 : 5))
            {
                case 0 when depth > 0:
                    writer.WriteRaw(RandomNode(random, depth - 1));
                    break;
                case 1:
                    writer.WriteHash(Keccak256.Hash([(byte)random.Next(256)]));
                    break;
                case 4:
                    writer.WriteBytes([(byte)random.Next(256)]);
                    break;
                default:
                    writer.WriteBytes(default);
                    break;
            }
        }
    }

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        byte[] bytes = [0xc0];
        for (int i = 0; i < 3000; i++)
        {
            var writer = new RlpWriter();
            int list = writer.BeginList();
            writer.WriteBytes([0x00, 0x11]);
            writer.WriteRaw(bytes);
            writer.EndList(list);
            bytes = writer.ToArray();
        }

        Assert.False(NodeCodec.TryDecode(bytes, out _));
    }
}
