using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Evm;

/// <summary>Digests of 64-byte inputs hashed lately. Solidity finds a mapping's slot by such a hash, and hashes the same pair again for every access.</summary>
/// <remarks>A table of fixed size in which an input has one place; inputs are compared whole, so results are those of hashing. Not thread-safe.</remarks>
internal sealed unsafe class KeccakCache
{
    /// <summary>The length of the inputs it is for.</summary>
    public const int InputLength = 64;

    private const int Bits = 9;

    private readonly Entry[] _entries = new Entry[1 << Bits];

    private struct Entry
    {
        public UInt256 First, Second, Digest;
    }

    public KeccakCache()
    {
        // an entry that was never used says what the digest of 64 zeros is
        UInt256 digest = Keccak256.Hash(new byte[InputLength]).ToUInt256();
        for (int i = 0; i < _entries.Length; i++) _entries[i].Digest = digest;
    }

    /// <summary>*digest = keccak256 of the 64 bytes at <paramref name="input"/>.</summary>
    public void Hash(byte* input, UInt256* digest)
    {
        UInt256 first, second;
        WordMemory.Load(input, &first);
        WordMemory.Load(input + 32, &second);
        ref Entry entry = ref _entries[IndexOf(&first, &second)];
        if (!entry.First.Equals(first) || !entry.Second.Equals(second))
        {
            entry.Digest = Compute(input);
            entry.First = first;
            entry.Second = second;
        }

        *digest = entry.Digest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int IndexOf(UInt256* first, UInt256* second)
    {
        unchecked
        {
            // a key is an address, a number or a digest; the mapping's own slot is a small number or a digest
            ulong sum = first->U0 + (first->U1 * 0xC2B2AE3D27D4EB4F) + (first->U2 * 0x165667B19E3779F9) + (first->U3 * 0x9FB21C651E98DF25);
            sum += (second->U0 * 0xD6E8FEB86659FD93) + (second->U3 * 0xA0761D6478BD642F);
            sum ^= sum >> 32;
            return (int)((sum * 0x9E3779B97F4A7C15) >> (64 - Bits));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static UInt256 Compute(byte* input) => Keccak256.Hash(new ReadOnlySpan<byte>(input, InputLength)).ToUInt256();
}
