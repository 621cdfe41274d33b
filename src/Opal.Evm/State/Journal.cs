using Opal.Primitives;

namespace Opal.Evm;

/// <summary>
/// The state as a block changes it: accounts and slots read so far with their changes, warm sets, transient storage, refunds
/// and logs of the running transaction, and an undo log.
/// </summary>
/// <remarks>
/// Owned by an <see cref="EvmMachine"/>; a transaction handler works on it between <see cref="EvmMachine.StartTransaction"/> and
/// <see cref="EvmMachine.EndTransaction"/>. State is read from the world when first needed, an account and a slot once a block.
/// </remarks>
public sealed partial class Journal
{
    private readonly EntryTable<AccountEntry, Address> _accounts = new();
    private readonly EntryTable<SlotEntry, SlotKey> _slots = new();
    private readonly EntryTable<TransientEntry, SlotKey> _transients = new();
    private readonly CodeCache _codes = new();
    private readonly Dictionary<Hash256, byte[]> _newCodes = [];
    private readonly List<int> _listed = [];      // accounts that may differ from the start of the block
    private readonly List<int> _touched = [];     // accounts touched in this transaction; those undone since are still listed
    private readonly LogBuffer _logs = new();
    private IWorldState? _world;
    private PrecompileSet _precompiles = PrecompileSet.Empty;
    private int _transaction = 1;                 // the stamp of the running transaction
    private long _refund;

    internal Journal()
    {
    }

    private IWorldState World => _world ?? throw new InvalidOperationException("no block was started");

    /// <summary>The refund counter of the running transaction (EIP-3529), in gas. Negative only between a clearing and its revert.</summary>
    public long Refund => _refund;

    /// <summary>The number of logs of the running transaction.</summary>
    public int LogCount => _logs.Count;

    /// <summary>The logs of the running transaction, or of the last one until the next starts.</summary>
    public LogEntry[] GetLogs() => _logs.ToArray();

    /// <summary>Adds to the refund counter, for example the EIP-7702 refund of an authorization for an existing account.</summary>
    public void AddRefund(long gas) => _refund += gas;

    internal LogBuffer Logs => _logs;

    internal void StartBlock(IWorldState world, PrecompileSet precompiles)
    {
        _world = world;
        _precompiles = precompiles;
        _accounts.Clear();
        _slots.Clear();
        _transients.Clear();
        _newCodes.Clear();
        _listed.Clear();
        _transaction = 0;
        StartTransaction();
    }

    internal void StartTransaction()
    {
        _transaction++;
        _undoCount = 0;
        _refund = 0;
        _logs.Truncate(0);
        _touched.Clear();
    }

    /// <summary>Finishes a transaction: destroyed accounts and touched empty ones leave the state (EIP-161, EIP-6780).</summary>
    internal void EndTransaction()
    {
        foreach (int number in _touched)
        {
            ref AccountEntry account = ref _accounts[number];
            if (account.TouchStamp != _transaction) continue;
            bool destructed = account.DestructStamp == _transaction;
            if (destructed || account.IsEmpty) Remove(number);
            else account.Exists = true;
        }

        _touched.Clear();
        _undoCount = 0;
    }

    private void Remove(int number)
    {
        ref AccountEntry account = ref _accounts[number];
        account.Balance = default;
        account.Nonce = 0;
        account.CodeHash = Hash256.EmptyCode;
        account.Code = Bytecode.Empty;
        account.Exists = false;
        account.DestructStamp = 0;
        ClearStorage(ref account);
    }

    private void ClearStorage(ref AccountEntry account)
    {
        account.IsStorageCleared = true;
        for (int slot = account.FirstSlot; slot >= 0; slot = _slots[slot].Next)
        {
            _slots[slot].Current = default;
            _slots[slot].IsLoaded = true;
        }
    }
}
