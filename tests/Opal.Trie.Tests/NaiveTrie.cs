using Opal.Primitives;

namespace Opal.Trie.Tests;

/// <summary>The Yellow Paper's definition written down literally: the root of a whole map, no sharing, no caches. The slow twin.</summary>
internal static class NaiveTrie
{
    public static Hash256 Root(IReadOnlyDictionary<string, byte[]> entries) =>
        entries.Count == 0 ? Hash256.EmptyTrie : Keccak256.Hash(Node(entries.Select(e => (Digits(e.Key), e.Value)).ToList(), 0));

    private static int[] Digits(string hex) => hex[2..].Select(c => Hex.NibbleOf(c)).ToArray();

    private static byte[] Node(List<(int[] Key, byte[] Value)> entries, int depth)
    {
        var writer = new RlpWriter();
        int list = writer.BeginList();
        if (entries.Count == 1)
        {
            writer.WriteBytes(Compact(entries[0].Key[depth..], true));
            writer.WriteBytes(entries[0].Value);
        }
        else
        {
            int common = depth;
            while (entries.All(e => e.Key.Length > common && e.Key[common] == entries[0].Key[common])) common++;
            if (common > depth)
            {
                writer.WriteBytes(Compact(entries[0].Key[depth..common], false));
                Reference(writer, Node(entries, common));
            }
            else
            {
                for (int digit = 0; digit < 16; digit++)
                {
                    var below = entries.Where(e => e.Key.Length > depth && e.Key[depth] == digit).ToList();
                    if (below.Count == 0) writer.WriteBytes(default);
                    else Reference(writer, Node(below, depth + 1));
                }

                writer.WriteBytes(entries.Where(e => e.Key.Length == depth).Select(e => e.Value).SingleOrDefault());
            }
        }

        writer.EndList(list);
        return writer.ToArray();
    }

    private static void Reference(RlpWriter writer, byte[] node)
    {
        if (node.Length < 32) writer.WriteRaw(node);
        else writer.WriteHash(Keccak256.Hash(node));
    }

    private static byte[] Compact(int[] digits, bool leaf)
    {
        int flag = (leaf ? 2 : 0) + (digits.Length & 1);
        int[] all = (digits.Length & 1) == 1 ? [flag, .. digits] : [flag, 0, .. digits];
        return all.Chunk(2).Select(pair => (byte)((pair[0] << 4) | pair[1])).ToArray();
    }
}
