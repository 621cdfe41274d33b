using Opal.Primitives;

namespace Opal.Trie;

/// <summary>Applies sorted changes to a node and gives the node of the new version; old nodes are never touched.</summary>
/// <remarks>
/// Recursion follows the digits of the keys. A node is read from the reader only when the result depends on it: a sibling
/// known by hash is read only when it is what remains of a branch. When nothing changes the same object comes back.
/// </remarks>
internal readonly ref struct TrieEditor(INodeReader? reader)
{
    private readonly INodeReader? _reader = reader;

    /// <summary>Applies <paramref name="changes"/>, which all share their first <paramref name="depth"/> digits with the place of <paramref name="node"/>.</summary>
    public TrieStatus Apply(TrieNode? node, ReadOnlySpan<TrieChange> changes, int depth, out TrieNode? result)
    {
        result = node;
        if (changes.IsEmpty) return TrieStatus.Ok;
        switch (node)
        {
            case null:
                return ApplyToNothing(changes, depth, out result);
            case HashNode hash:
                TrieStatus status = hash.TryResolve(_reader, out TrieNode resolved);
                if (status != TrieStatus.Ok) return status;
                status = Apply(resolved, changes, depth, out result);
                if (ReferenceEquals(result, resolved)) result = node;
                return status;
            case BranchNode branch:
                return ApplyToBranch(branch, changes, depth, out result);
            case LeafNode leaf:
                return ApplyToLeaf(leaf, changes, depth, out result);
            default:
                return ApplyToExtension((ExtensionNode)node, changes, depth, out result);
        }
    }

    private TrieStatus ApplyToNothing(ReadOnlySpan<TrieChange> changes, int depth, out TrieNode? result)
    {
        result = null;
        while (!changes.IsEmpty && changes[0].Value.Length == 0) changes = changes[1..];
        if (changes.IsEmpty) return TrieStatus.Ok;
        TrieChange first = changes[0];
        var leaf = new LeafNode(NibblePath.Of(first.Key).From(depth), first.Value);
        return Apply(leaf, changes[1..], depth, out result);
    }

    private TrieStatus ApplyToLeaf(LeafNode leaf, ReadOnlySpan<TrieChange> changes, int depth, out TrieNode? result)
    {
        int common = CommonPrefix(leaf.Path, changes, depth);
        if (changes.Length == 1 && common == leaf.Path.Length && changes[0].Key.Length * 2 == depth + common)
        {
            byte[] value = changes[0].Value;
            result = value.Length == 0 ? null : value.AsSpan().SequenceEqual(leaf.Value) ? leaf : new LeafNode(leaf.Path, value);
            return TrieStatus.Ok;
        }

        var children = new TrieNode?[BranchNode.Width];
        byte[]? here = null;
        if (common == leaf.Path.Length) here = leaf.Value;
        else children[leaf.Path[common]] = new LeafNode(leaf.Path.From(common + 1), leaf.Value);
        return ApplySplit(leaf, leaf.Path.First(common), new BranchNode(children, here), changes, depth, out result);
    }

    private TrieStatus ApplyToExtension(ExtensionNode extension, ReadOnlySpan<TrieChange> changes, int depth, out TrieNode? result)
    {
        int common = CommonPrefix(extension.Path, changes, depth);
        if (common == extension.Path.Length)
        {
            TrieStatus status = Apply(extension.Child, changes, depth + common, out TrieNode? child);
            if (status != TrieStatus.Ok) result = extension;
            else result = ReferenceEquals(child, extension.Child) ? extension : Prefix(extension.Path, child);
            return status;
        }

        var children = new TrieNode?[BranchNode.Width];
        NibblePath rest = extension.Path.From(common + 1);
        children[extension.Path[common]] = rest.Length == 0 ? extension.Child : new ExtensionNode(rest, extension.Child);
        return ApplySplit(extension, extension.Path.First(common), new BranchNode(children, null), changes, depth, out result);
    }

    /// <summary>Goes on with <paramref name="old"/> taken apart into a path and a branch that may have one child only, for the moment.</summary>
    private TrieStatus ApplySplit(TrieNode old, NibblePath path, BranchNode split, ReadOnlySpan<TrieChange> changes, int depth, out TrieNode? result)
    {
        TrieStatus status = ApplyToBranch(split, changes, depth + path.Length, out TrieNode? branch);
        result = status != TrieStatus.Ok || ReferenceEquals(branch, split) ? old : Prefix(path, branch);
        return status;
    }

    private TrieStatus ApplyToBranch(BranchNode branch, ReadOnlySpan<TrieChange> changes, int depth, out TrieNode? result)
    {
        result = branch;
        TrieNode?[]? children = null;
        byte[]? value = branch.Value;
        if (changes[0].Key.Length * 2 == depth)
        {
            byte[] next = changes[0].Value;
            value = next.Length == 0 ? null : branch.Value is { } old && old.AsSpan().SequenceEqual(next) ? old : next;
            changes = changes[1..];
        }

        while (!changes.IsEmpty)
        {
            int digit = NibblePath.DigitAt(changes[0].Key, depth);
            int count = 1;
            while (count < changes.Length && NibblePath.DigitAt(changes[count].Key, depth) == digit) count++;
            TrieNode? child = branch.Children[digit];
            TrieStatus status = Apply(child, changes[..count], depth + 1, out TrieNode? changed);
            if (status != TrieStatus.Ok) return status;
            if (!ReferenceEquals(child, changed))
            {
                children ??= branch.Children.AsSpan().ToArray();
                children[digit] = changed;
            }

            changes = changes[count..];
        }

        if (children is null && ReferenceEquals(value, branch.Value)) return TrieStatus.Ok;
        return Collapse(children ?? branch.Children, value, out result);
    }

    /// <summary>A branch of at least two entries stays; of one entry, a shorter node; of none, nothing.</summary>
    private TrieStatus Collapse(TrieNode?[] children, byte[]? value, out TrieNode? result)
    {
        int count = 0, only = -1;
        for (int i = 0; i < children.Length; i++)
        {
            if (children[i] is null) continue;
            count++;
            only = i;
        }

        if (count + (value is null ? 0 : 1) >= 2)
        {
            result = new BranchNode(children, value);
            return TrieStatus.Ok;
        }

        if (only < 0)
        {
            result = value is null ? null : new LeafNode(default, value);
            return TrieStatus.Ok;
        }

        TrieNode child = children[only]!;
        result = null;
        if (child is HashNode hash)
        {
            TrieStatus status = hash.TryResolve(_reader, out TrieNode resolved);
            if (status != TrieStatus.Ok) return status;
            if (resolved is not BranchNode) child = resolved;
        }

        result = child switch
        {
            LeafNode leaf => new LeafNode(NibblePath.Prepend(only, leaf.Path), leaf.Value),
            ExtensionNode extension => new ExtensionNode(NibblePath.Prepend(only, extension.Path), extension.Child),
            _ => new ExtensionNode(NibblePath.Prepend(only, default), child),
        };
        return TrieStatus.Ok;
    }

    private static TrieNode? Prefix(NibblePath path, TrieNode? node)
    {
        if (path.Length == 0) return node;
        return node switch
        {
            null => null,
            LeafNode leaf => new LeafNode(path.Append(leaf.Path), leaf.Value),
            ExtensionNode extension => new ExtensionNode(path.Append(extension.Path), extension.Child),
            _ => new ExtensionNode(path, node),
        };
    }

    /// <summary>What <paramref name="path"/> and all changes have in common after <paramref name="depth"/> digits; as they are sorted, the first and the last decide.</summary>
    private static int CommonPrefix(NibblePath path, ReadOnlySpan<TrieChange> changes, int depth)
    {
        int common = path.CommonPrefix(changes[0].Key, depth);
        return changes.Length == 1 ? common : Math.Min(common, path.CommonPrefix(changes[^1].Key, depth));
    }
}
