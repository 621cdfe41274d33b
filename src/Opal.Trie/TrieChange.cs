namespace Opal.Trie;

/// <summary>A key and its new value. The trie keeps both arrays: whoever made them must not change them any more.</summary>
/// <param name="key">The whole key, for example keccak256 of an address.</param>
/// <param name="value">The new value; empty deletes the key.</param>
public readonly struct TrieChange(byte[] key, byte[] value)
{
    /// <summary>The whole key.</summary>
    public byte[] Key { get; } = key;

    /// <summary>The new value; empty deletes the key.</summary>
    public byte[] Value { get; } = value;
}
