using Opal.Evm;
using Opal.Primitives;
using Opal.State.Flat;

namespace Opal.State;

/// <summary>Builds a large state from nothing, for a genesis with millions of accounts. See <see cref="MemoryStateStore.BeginLoad"/>. For one thread.</summary>
/// <remarks>Accounts are gathered by the first byte of their hashed address, then sorted, hashed and stored part by part: working memory beside the state is some 45 bytes an account.</remarks>
public sealed class StateLoader
{
    private readonly MemoryStateStore _store;
    private readonly StateDiff _first;
    private readonly StateTables _tables = new();
    private readonly AccountParts _parts = new();
    private bool _over;

    internal StateLoader(MemoryStateStore store, StateDiff first)
    {
        _store = store;
        _first = first;
    }

    /// <summary>Adds an account without storage. Its code, if any, is among those of the first diff.</summary>
    /// <param name="address">Not among those of the first diff, and not added before.</param>
    /// <param name="account">Its values.</param>
    public void Add(in Address address, in Account account)
    {
        ObjectDisposedException.ThrowIf(_over, this);
        _parts.Add(address, account);
    }

    /// <summary>Builds the state and puts it into the store. The loader is over then.</summary>
    /// <param name="number">The number of the block that ends in it.</param>
    /// <returns>The state root.</returns>
    /// <exception cref="ArgumentException">An address was added twice.</exception>
    public Hash256 Commit(ulong number)
    {
        ObjectDisposedException.ThrowIf(_over, this);
        _over = true;
        _parts.Settle();
        _tables.Accounts.Reserve(_parts.Accounts + _first.Accounts.Count);
        _tables.Append(new RootComputer().Compute(_tables.Newest, _first));
        var computer = new RootComputer();
        for (int i = 0; i < AccountParts.Count; i++)
        {
            if (_parts.IsEmpty(i)) continue;
            computer.Begin(_tables.Newest, _first.Accounts.Count > 0);
            _parts.Take(i, computer.AddNew);
            _tables.Append(computer.End());
        }

        _store.Adopt(_tables.Newest, _first, number);
        return _tables.Newest.Root;
    }
}
