using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.State.Flat;

/// <summary>An account as the flat table has it: [flags][nonce and balance lengths][nonce][balance][storage root if not empty][code hash if not empty], minimal big-endian. 3 to 15 bytes for most.</summary>
internal static class FlatAccount
{
    /// <summary>The longest encoding.</summary>
    public const int MaxSize = 2 + 8 + 32 + 32 + 32;

    private const byte HasStorage = 1, HasCode = 2;

    /// <summary>Writes an account and gives the size back.</summary>
    public static int Write(Span<byte> to, in Account account, in Hash256 storageRoot)
    {
        Span<byte> word = stackalloc byte[32];
        int nonce = new UInt256(account.Nonce).WriteMinimalBigEndian(word);
        word[..nonce].CopyTo(to[2..]);
        int balance = account.Balance.WriteMinimalBigEndian(word);
        word[..balance].CopyTo(to[(2 + nonce)..]);
        int at = 2 + nonce + balance;
        byte flags = 0;
        if (storageRoot != Hash256.EmptyTrie)
        {
            flags |= HasStorage;
            storageRoot.CopyTo(to[at..]);
            at += Hash256.Size;
        }

        if (account.CodeHash != Hash256.EmptyCode)
        {
            flags |= HasCode;
            account.CodeHash.CopyTo(to[at..]);
            at += Hash256.Size;
        }

        to[0] = (byte)(flags | (nonce << 4));
        to[1] = (byte)balance;
        return at;
    }

    /// <summary>Whether the lengths in an encoding add up to its size.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> flat)
    {
        if (flat.Length < 2 || (flat[0] & 0x0c) != 0 || flat[0] >> 4 > 8 || flat[1] > 32) return false;
        int hashes = ((flat[0] & HasStorage) != 0 ? Hash256.Size : 0) + ((flat[0] & HasCode) != 0 ? Hash256.Size : 0);
        return flat.Length == 2 + (flat[0] >> 4) + flat[1] + hashes;
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static Account Read(ReadOnlySpan<byte> flat, out Hash256 storageRoot)
    {
        int nonceLength = flat[0] >> 4, balanceLength = flat[1];
        ulong nonce = 0;
        foreach (byte b in flat.Slice(2, nonceLength)) nonce = (nonce << 8) | b;
        UInt256 balance = UInt256.FromBigEndian(flat.Slice(2 + nonceLength, balanceLength));
        ReadOnlySpan<byte> rest = flat[(2 + nonceLength + balanceLength)..];
        storageRoot = Hash256.EmptyTrie;
        if ((flat[0] & HasStorage) != 0)
        {
            storageRoot = new Hash256(rest[..Hash256.Size]);
            rest = rest[Hash256.Size..];
        }

        Hash256 codeHash = (flat[0] & HasCode) != 0 ? new Hash256(rest[..Hash256.Size]) : Hash256.EmptyCode;
        return new Account(nonce, balance, codeHash);
    }

    /// <summary>Writes the account as its leaf has it (<see cref="StateAccount"/>) and gives the size back.</summary>
    /// <param name="to">At least <see cref="BranchTrie.MaxLeafValue"/> bytes.</param>
    /// <param name="flat">A flat account.</param>
    public static int WriteLeaf(Span<byte> to, ReadOnlySpan<byte> flat)
    {
        int nonce = flat[0] >> 4, balance = flat[1];
        int at = 2;
        at += WriteNumber(to[at..], flat.Slice(2, nonce));
        at += WriteNumber(to[at..], flat.Slice(2 + nonce, balance));
        int rest = 2 + nonce + balance;
        at += WriteHash(to[at..], flat, (flat[0] & HasStorage) != 0, ref rest, Hash256.EmptyTrie);
        at += WriteHash(to[at..], flat, (flat[0] & HasCode) != 0, ref rest, Hash256.EmptyCode);
        to[0] = 0xf8; // two hashes alone make it longer than 55 bytes
        to[1] = (byte)(at - 2);
        return at;
    }

    /// <summary>Writes the minimal bytes of a number as RLP and gives the size back: a storage slot's leaf, too.</summary>
    public static int WriteNumber(Span<byte> to, ReadOnlySpan<byte> minimal)
    {
        if (minimal.Length == 1 && minimal[0] < 0x80)
        {
            to[0] = minimal[0];
            return 1;
        }

        to[0] = (byte)(0x80 + minimal.Length);
        minimal.CopyTo(to[1..]);
        return 1 + minimal.Length;
    }

    private static int WriteHash(Span<byte> to, ReadOnlySpan<byte> flat, bool present, ref int at, in Hash256 otherwise)
    {
        to[0] = 0x80 + Hash256.Size;
        if (!present)
        {
            otherwise.CopyTo(to[1..]);
        }
        else
        {
            flat.Slice(at, Hash256.Size).CopyTo(to[1..]);
            at += Hash256.Size;
        }

        return 1 + Hash256.Size;
    }
}
