using System.Buffers.Binary;

namespace Opal.Storage;

/// <summary>
/// How keys are found by order: a key has a prefix that is only ever asked for whole (a family: all accounts, the slots of one account), and within a
/// family order counts. The order word of a key is 24 bits of a hash of the prefix, then the 40 bits of the key after it.
/// </summary>
/// <param name="hash">The keyed hash.</param>
/// <param name="prefixSize">The size of the prefix by the key's first byte.</param>
internal sealed class KeyOrder(SipHash hash, Func<byte, int> prefixSize)
{
    private const int Ordered = 5;

    public int PrefixOf(ReadOnlySpan<byte> key) => Math.Clamp(prefixSize(key[0]), 1, key.Length);

    public ulong WordOf(ReadOnlySpan<byte> key) => WordOf(key, PrefixOf(key));

    public ulong WordOf(ReadOnlySpan<byte> key, int prefix)
    {
        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(word, hash.Compute(key[..prefix]) << 40);
        ReadOnlySpan<byte> rest = key[prefix..];
        Span<byte> low = word[^Ordered..];
        low.Clear();
        rest[..Math.Min(rest.Length, Ordered)].CopyTo(low);
        return BinaryPrimitives.ReadUInt64BigEndian(word);
    }

    /// <summary>Whether all keys within bounds are of one family.</summary>
    public bool IsOneFamily(ReadOnlySpan<byte> lowest, ReadOnlySpan<byte> highest)
    {
        if (lowest.IsEmpty || highest.IsEmpty || lowest[0] != highest[0]) return false;
        int prefix = Math.Max(prefixSize(lowest[0]), 1);
        return lowest.Length >= prefix && highest.Length >= prefix && lowest[..prefix].SequenceEqual(highest[..prefix]);
    }
}
