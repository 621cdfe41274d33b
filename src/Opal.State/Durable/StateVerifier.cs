using System.Numerics;
using Opal.Evm;
using Opal.Primitives;
using Opal.State.Flat;
using Opal.Storage;
using Opal.Trie;

namespace Opal.State.Durable;

/// <summary>
/// Walks down tries and beside them through the tables: every record and leaf must hash to the reference its parent has, and every
/// row must be met in its turn, so rows that belong to nothing are found too.
/// </summary>
/// <param name="schema">The tables.</param>
/// <param name="snapshot">What is checked.</param>
/// <param name="progress">Told now and then.</param>
/// <param name="cancellation">Ends it.</param>
/// <param name="later">Takes the accounts whose storage is too much for one step; null to check all storage at once.</param>
internal sealed class StateVerifier(StateSchema schema, ISnapshot snapshot, Action<StateRowCount>? progress, CancellationToken cancellation, List<Hash256>? later = null)
{
    private const int RowsBetweenReports = 4096;

    /// <summary>Rows after which a step leaves storage for later, and records of one storage that are too many for one step: some 20 ms of work.</summary>
    private const int RowsInStep = 32_768, RecordsInStep = 8192;

    /// <summary>Records of one storage from which on 256 steps are too few.</summary>
    private const int RecordsInManySteps = 1 << 20;

    private const string Advice = "stop the node and run 'opal db verify'; if it confirms the damage, restore the data directory or remove the state directory to build it again";

    private readonly Rows _accounts = new(snapshot.OpenCursor(schema.Accounts)), _accountBranches = new(snapshot.OpenCursor(schema.AccountBranches));
    private readonly Rows _slots = new(snapshot.OpenCursor(schema.Slots)), _storageBranches = new(snapshot.OpenCursor(schema.StorageBranches));
    private long _accountCount, _slotCount, _recordCount;

    public StateRowCount Counted => new(_accountCount, _slotCount, _recordCount);

    /// <summary>A cursor that knows whether it stands on a row.</summary>
    private sealed class Rows(ICursor cursor)
    {
        public bool There { get; private set; }

        public ReadOnlySpan<byte> Key => cursor.Key;

        public ReadOnlySpan<byte> Value => cursor.Value;

        public void Seek(ReadOnlySpan<byte> key) => There = cursor.Seek(key);

        public void Next() => There = cursor.MoveNext();

        public bool Begins(ReadOnlySpan<byte> prefix) => There && cursor.Key.StartsWith(prefix);
    }

    /// <summary>The rows of one trie, as far as they were met.</summary>
    private sealed class Trie(Hash256 owner, Rows leaves, Rows branches)
    {
        private readonly byte[] _prefix = owner.IsZero ? [] : owner.ToArray();

        public Hash256 Owner => owner;

        public Rows Leaves => leaves;

        public Rows Branches => branches;

        public bool HasLeaf => leaves.Begins(_prefix);

        public bool HasBranch => branches.Begins(_prefix);

        public ReadOnlySpan<byte> LeafKey => leaves.Key[_prefix.Length..];

        public ReadOnlySpan<byte> BranchKey => branches.Key[_prefix.Length..];

        public void Seek(in TriePath path)
        {
            Span<byte> row = stackalloc byte[StateSchema.MaxKeySize], key = stackalloc byte[TriePath.MaxKeySize];
            path.Digits.CopyTo(key);
            leaves.Seek(row[..StateSchema.WriteKey(row, owner, key[..Hash256.Size])]);
            branches.Seek(row[..StateSchema.WriteKey(row, owner, key[..path.WriteKey(key)])]);
        }
    }

    /// <summary>Everything. Storage is checked with the account it is of.</summary>
    public StateRowCount VerifyAll(in Hash256 root)
    {
        var trie = new Trie(Hash256.Zero, _accounts, _accountBranches);
        _slots.Next();
        _storageBranches.Next();
        VerifyTrie(trie, root, true);
        if (_slots.There) throw Orphan("slot", _slots.Key);
        if (_storageBranches.There) throw Orphan("trieS", _storageBranches.Key);
        progress?.Invoke(Counted);
        return Counted;
    }

    /// <summary>The accounts below a path with their storage, and the records on the way there.</summary>
    public StateRowCount VerifyBelow(in Hash256 root, in TriePath place)
    {
        VerifyBelow(new Trie(Hash256.Zero, _accounts, _accountBranches), root, place);
        return Counted;
    }

    /// <summary>The storage of an account below a path, and the records on the way there; nothing when there is no such account or storage (any more).</summary>
    public StateRowCount VerifyStorage(in Hash256 owner, in TriePath place)
    {
        Span<byte> key = stackalloc byte[Hash256.Size];
        owner.CopyTo(key);
        if (!snapshot.TryGet(schema.Accounts, key, out ReadOnlySpan<byte> flat)) return Counted;
        var trie = new Trie(owner, _slots, _storageBranches);
        if (!FlatAccount.IsWellFormed(flat)) throw Wrong(new Trie(Hash256.Zero, _accounts, _accountBranches), key);
        _ = FlatAccount.Read(flat, out Hash256 root);
        if (root == Hash256.EmptyTrie) return Counted;
        if (place.Length == 0) VerifyTrie(trie, root, false);
        else VerifyBelow(trie, root, place);
        return Counted;
    }

    /// <summary>By how many digits of its slots' hashes the storage of an account should be taken apart, that no step is long.</summary>
    public int DigitsOfSteps(in Hash256 owner) => CountRecords(owner, RecordsInManySteps) switch
    {
        < RecordsInStep => 0,
        < RecordsInManySteps => 2,
        _ => 3,
    };

    private int CountRecords(in Hash256 owner, int most)
    {
        Span<byte> prefix = stackalloc byte[Hash256.Size];
        owner.CopyTo(prefix);
        int count = 0;
        for (_storageBranches.Seek(prefix); count < most && _storageBranches.Begins(prefix); count++) _storageBranches.Next();
        return count;
    }

    private void VerifyBelow(Trie trie, in Hash256 root, in TriePath place)
    {
        Span<byte> expected = stackalloc byte[Hash256.Size], key = stackalloc byte[TriePath.MaxKeySize], row = stackalloc byte[StateSchema.MaxKeySize];
        root.CopyTo(expected);
        TriePath path = default;
        while (snapshot.TryGet(schema.TableOf(trie.Owner, Table.Branches), row[..StateSchema.WriteKey(row, trie.Owner, key[..path.WriteKey(key)])], out ReadOnlySpan<byte> bytes))
        {
            if (path.Length >= place.Length) break;
            BranchRecord record = Check(trie, path, bytes, expected);
            int depth = path.Length + record.ExtensionLength;
            Hash256 digits = BranchReference.DigitsOf(record, path);
            if (depth >= place.Length || digits.CommonDigits(place.Digits) < depth) break;
            int digit = place.Digits.DigitAt(depth);
            if ((record.Mask & (1 << digit)) == 0)
            {
                trie.Seek(place);
                if (trie.HasLeaf && place.Covers(new Hash256(trie.LeafKey))) throw OrphanLeaf(trie);
                return;
            }

            ReadOnlySpan<byte> reference = record.Reference(digit);
            reference.CopyTo(expected);
            expected = expected[..reference.Length];
            path = new TriePath(place.Digits.FirstDigits(depth).WithDigit(depth, digit), depth + 1);
            if ((record.LeafMask & (1 << digit)) != 0) break;
        }

        trie.Seek(path);
        if (!trie.HasLeaf || !path.Covers(new Hash256(trie.LeafKey)))
        {
            if (path.Length == 0 && root == Hash256.EmptyTrie) return;
            throw Missing(trie, path, "a leaf");
        }

        VerifyNode(trie, path, expected, false);
        if (trie.HasLeaf && path.Length > 0 && path.Covers(new Hash256(trie.LeafKey))) throw OrphanLeaf(trie);
    }

    private void VerifyTrie(Trie trie, in Hash256 root, bool all)
    {
        trie.Seek(default);
        if (!trie.HasLeaf)
        {
            if (root != Hash256.EmptyTrie) throw Missing(trie, default, "its leaves");
        }
        else
        {
            Span<byte> expected = stackalloc byte[Hash256.Size];
            root.CopyTo(expected);
            VerifyNode(trie, default, expected, all);
        }

        if (trie.HasLeaf) throw OrphanLeaf(trie);
        if (trie.HasBranch) throw Orphan(trie.Owner.IsZero ? "trieA" : "trieS", trie.Branches.Key);
    }

    /// <summary>The record at a path, or at the root the only leaf, and all below.</summary>
    private void VerifyNode(Trie trie, in TriePath path, ReadOnlySpan<byte> expected, bool all)
    {
        Span<byte> key = stackalloc byte[TriePath.MaxKeySize], bytes = stackalloc byte[BranchRecord.MaxSize];
        if (!trie.HasBranch || !trie.BranchKey.SequenceEqual(key[..path.WriteKey(key)]))
        {
            VerifyLeaf(trie, path, expected, all); // the root of a trie of one leaf, or where the walk of a part ended
            return;
        }

        ReadOnlySpan<byte> there = trie.Branches.Value;
        if (there.Length > bytes.Length) throw Missing(trie, path, "a good record");
        bytes = bytes[..there.Length];
        there.CopyTo(bytes);
        BranchRecord record = Check(trie, path, bytes, expected);
        trie.Branches.Next();
        Hash256 digits = BranchReference.DigitsOf(record, path);
        int depth = path.Length + record.ExtensionLength;
        for (uint mask = record.Mask; mask != 0; mask &= mask - 1)
        {
            int digit = BitOperations.TrailingZeroCount(mask);
            var child = new TriePath(digits.WithDigit(depth, digit), depth + 1);
            if ((record.LeafMask & (1 << digit)) != 0)
            {
                VerifyLeaf(trie, child, record.Reference(digit), all);
                continue;
            }

            if (!trie.HasBranch || !trie.BranchKey.SequenceEqual(key[..child.WriteKey(key)])) throw Missing(trie, child, "a record");
            VerifyNode(trie, child, record.Reference(digit), all);
        }
    }

    private BranchRecord Check(Trie trie, in TriePath path, ReadOnlySpan<byte> bytes, scoped ReadOnlySpan<byte> expected)
    {
        Span<byte> key = stackalloc byte[TriePath.MaxKeySize], reference = stackalloc byte[Hash256.Size];
        int size = path.WriteKey(key);
        BranchRecord record = RecordHistory.OpenRecord(trie.Owner, key[..size], bytes);
        if (path.Length + record.ExtensionLength > 63 || !reference[..BranchReference.OfRecord(record, path, reference)].SequenceEqual(expected))
        {
            throw new StoreCorruptException($"{StateSchema.Name(trie.Owner, Table.Branches, key[..size])}: the record does not hash to what its parent has; {Advice}");
        }

        Count(ref _recordCount);
        return record;
    }

    private void VerifyLeaf(Trie trie, in TriePath path, ReadOnlySpan<byte> expected, bool all)
    {
        if (!trie.HasLeaf || !path.Covers(new Hash256(trie.LeafKey))) throw Missing(trie, path, "a leaf");
        var key = new Hash256(trie.LeafKey);
        Span<byte> leaf = stackalloc byte[BranchTrie.MaxLeafValue], reference = stackalloc byte[Hash256.Size];
        Hash256 storageRoot = Hash256.EmptyTrie;
        int size;
        if (trie.Owner.IsZero)
        {
            if (!FlatAccount.IsWellFormed(trie.Leaves.Value)) throw Wrong(trie, trie.LeafKey);
            size = FlatAccount.WriteLeaf(leaf, trie.Leaves.Value);
            _ = FlatAccount.Read(trie.Leaves.Value, out storageRoot);
        }
        else
        {
            if (trie.Leaves.Value.Length is 0 or > 32) throw Wrong(trie, trie.LeafKey);
            size = FlatAccount.WriteNumber(leaf, trie.Leaves.Value);
        }

        if (!reference[..BranchReference.OfLeaf(key, path.Length, leaf[..size], reference)].SequenceEqual(expected)) throw Wrong(trie, trie.LeafKey);
        trie.Leaves.Next();
        if (!trie.Owner.IsZero)
        {
            Count(ref _slotCount);
            return;
        }

        Count(ref _accountCount);
        if (storageRoot == Hash256.EmptyTrie) return;
        if (all) CheckTurn(key);
        if (later is not null && (Counted.Total > RowsInStep || CountRecords(key, RecordsInStep) == RecordsInStep))
        {
            later.Add(key);
            return;
        }

        VerifyTrie(new Trie(key, _slots, _storageBranches), storageRoot, all);
    }

    /// <summary>Storage rows come in the order of accounts: none may have been passed over.</summary>
    private void CheckTurn(in Hash256 owner)
    {
        if (_slots.There && new Hash256(_slots.Key[..Hash256.Size]) < owner) throw Orphan("slot", _slots.Key);
        if (_storageBranches.There && new Hash256(_storageBranches.Key[..Hash256.Size]) < owner) throw Orphan("trieS", _storageBranches.Key);
    }

    private void Count(ref long count)
    {
        count++;
        if ((_accountCount + _slotCount + _recordCount) % RowsBetweenReports != 0) return;
        cancellation.ThrowIfCancellationRequested();
        progress?.Invoke(Counted);
    }

    private static StoreCorruptException OrphanLeaf(Trie trie) => Orphan(trie.Owner.IsZero ? "account" : "slot", trie.Leaves.Key);

    private static StoreCorruptException Orphan(string table, ReadOnlySpan<byte> key) => new($"table {table}, key {Hex.Encode(key)}: the row belongs to no trie; {Advice}");

    private static StoreCorruptException Wrong(Trie trie, ReadOnlySpan<byte> key) => new($"{StateSchema.Name(trie.Owner, Table.Leaves, key)}: the value does not hash to what its parent record has; {Advice}");

    private static StoreCorruptException Missing(Trie trie, in TriePath path, string what)
    {
        Span<byte> key = stackalloc byte[TriePath.MaxKeySize];
        return new StoreCorruptException($"{StateSchema.Name(trie.Owner, Table.Branches, key[..path.WriteKey(key)])}: {what} is missing at or below this path; {Advice}");
    }
}
