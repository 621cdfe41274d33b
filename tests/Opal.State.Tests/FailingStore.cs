using Opal.Storage;

namespace Opal.State.Tests;

/// <summary>A store whose commits fail when they are told to, as on a full disk.</summary>
internal sealed class FailingStore(IKeyValueStore inner) : IKeyValueStore
{
    public bool Fails { get; set; }

    public StoreTable Table(string name) => inner.Table(name);

    public ISnapshot OpenSnapshot() => inner.OpenSnapshot();

    public IWriteTransaction BeginWrite() => new Transaction(this, inner.BeginWrite());

    public void Dispose() => inner.Dispose();

    private sealed class Transaction(FailingStore store, IWriteTransaction inner) : IWriteTransaction
    {
        public ulong Id => inner.Id;

        public bool TryGet(StoreTable table, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value) => inner.TryGet(table, key, out value);

        public ICursor OpenCursor(StoreTable table) => inner.OpenCursor(table);

        public void Put(StoreTable table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => inner.Put(table, key, value);

        public void PutAscending(StoreTable table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => inner.PutAscending(table, key, value);

        public bool Delete(StoreTable table, ReadOnlySpan<byte> key) => inner.Delete(table, key);

        public ulong Commit() => store.Fails ? throw new IOException("no space left on the device") : inner.Commit();

        public void Dispose() => inner.Dispose();
    }
}
