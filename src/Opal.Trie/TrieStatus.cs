namespace Opal.Trie;

/// <summary>How an operation on a trie ended.</summary>
public enum TrieStatus : byte
{
    Ok,
    /// <summary>A node that the operation needs is not in the reader.</summary>
    MissingNode,
    /// <summary>A node is no valid trie node (Yellow Paper, appendix D).</summary>
    MalformedNode,
}
