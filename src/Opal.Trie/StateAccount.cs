using Opal.Primitives;

namespace Opal.Trie;

/// <summary>What a leaf of the state trie holds (Yellow Paper, section 4.1): rlp([nonce, balance, storageRoot, codeHash]).</summary>
public readonly struct StateAccount(ulong nonce, in UInt256 balance, in Hash256 storageRoot, in Hash256 codeHash)
{
    /// <summary>The number of transactions sent, or of contracts created.</summary>
    public ulong Nonce { get; } = nonce;

    /// <summary>In wei.</summary>
    public UInt256 Balance { get; } = balance;

    /// <summary>The root of the account's storage trie.</summary>
    public Hash256 StorageRoot { get; } = storageRoot;

    /// <summary>keccak256 of the code.</summary>
    public Hash256 CodeHash { get; } = codeHash;

    /// <summary>The encoding.</summary>
    public byte[] Encode()
    {
        var writer = new RlpWriter(112);
        int list = writer.BeginList();
        writer.WriteUInt64(Nonce);
        writer.WriteUInt256(Balance);
        writer.WriteHash(StorageRoot);
        writer.WriteHash(CodeHash);
        writer.EndList(list);
        return writer.ToArray();
    }

    /// <summary>Reads an encoding; false when it is not canonical.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> rlp, out StateAccount account)
    {
        account = default;
        if (!RlpReader.TryOpenList(rlp, out RlpReader items)) return false;
        items.TryReadUInt64(out ulong nonce);
        items.TryReadUInt256(out UInt256 balance);
        items.TryReadHash(out Hash256 storageRoot);
        items.TryReadHash(out Hash256 codeHash);
        if (!items.TryEnd()) return false;
        account = new StateAccount(nonce, balance, storageRoot, codeHash);
        return true;
    }
}
