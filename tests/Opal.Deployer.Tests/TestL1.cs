using Opal.Crypto;
using Opal.Deployer.L1;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer.Tests;

/// <summary>
/// An L1 in memory that runs on our own EVM: pending transactions go into blocks by nonce up to a gas limit, a block each time
/// somebody looks at the nonce. One account sends.
/// </summary>
internal sealed class TestL1(Address deployer, ulong chainId = 900, ulong blockGasLimit = 30_000_000) : IL1Sender, IWorldState, IBlockHashes, IDisposable
{
    private readonly EvmMachine _machine = new(NativeCrypto.Instance);
    private readonly Dictionary<Address, Account> _accounts = new() { [deployer] = new Account(0, new UInt256(0, 1000), Hash256.EmptyCode) };
    private readonly Dictionary<(Address, UInt256), UInt256> _storage = [];
    private readonly Dictionary<Hash256, byte[]> _codes = [];
    private readonly SortedDictionary<ulong, (L1Transaction Transaction, Hash256 Hash)> _pool = [];
    private readonly Dictionary<Hash256, L1Transaction> _signed = [];
    private readonly Dictionary<Hash256, L1Receipt> _receipts = [];

    public Address Address => deployer;

    public ulong BlockNumber { get; private set; } = 1;

    /// <summary>Throws when this many more transactions have been broadcast: a crash of the deployer.</summary>
    public int? CrashAfter { get; set; }

    /// <summary>Accepts nothing while set.</summary>
    public bool MinesNothing { get; set; }

    public int Broadcasts { get; private set; }

    public List<(L1Transaction Transaction, ulong GasUsed)> Included { get; } = [];

    public List<LogEntry> Logs { get; } = [];

    public void PutCode(Address address, ReadOnlyMemory<byte> code)
    {
        Hash256 hash = Keccak256.Hash(code.Span);
        _codes[hash] = code.ToArray();
        _accounts[address] = new Account(1, UInt256.Zero, hash);
    }

    /// <summary>Empty blocks: time goes by.</summary>
    public void Advance(ulong blocks) => BlockNumber += blocks;

    /// <summary>Sends one transaction and puts it in a block: its receipt and logs.</summary>
    public async Task<(L1Receipt Receipt, LogEntry[] Logs)> SendAsync(Address to, byte[] data, UInt256 value, ulong gasLimit)
    {
        Logs.Clear();
        IReadOnlyList<SignedL1Transaction> signed = await SignAsync([new L1Transaction(_accounts[deployer].Nonce, to, data, value, gasLimit)], 0, CancellationToken.None);
        await BroadcastAsync(signed, CancellationToken.None);
        Mine();
        return (_receipts[signed[0].Hash], [.. Logs]);
    }

    /// <summary>The non-zero storage of an account.</summary>
    public IReadOnlyDictionary<UInt256, UInt256> StorageOf(Address address) =>
        _storage.Where(entry => entry.Key.Item1 == address && !entry.Value.IsZero).ToDictionary(entry => entry.Key.Item2, entry => entry.Value);

    public ReadOnlyMemory<byte> CodeOf(Address address) => TryGetAccount(address, out Account account) ? GetCode(account.CodeHash) : default;

    public static ulong TimeOf(ulong number) => 1_700_000_000 + (12 * number);

    public Task<ulong> GetChainIdAsync(CancellationToken cancellation) => Task.FromResult(chainId);

    public Task<ulong> GetNonceAsync(CancellationToken cancellation)
    {
        Mine();
        return Task.FromResult(_accounts[deployer].Nonce);
    }

    public Task<UInt256> GetBalanceAsync(Address address, CancellationToken cancellation) =>
        Task.FromResult(TryGetAccount(address, out Account account) ? account.Balance : UInt256.Zero);

    public Task<byte[]> GetCodeAsync(Address address, CancellationToken cancellation) => Task.FromResult(CodeOf(address).ToArray());

    public Task<UInt256> GetStorageAsync(Address address, UInt256 slot, CancellationToken cancellation) =>
        Task.FromResult(_storage.GetValueOrDefault((address, slot)));

    public Task<L1CallResult> CallAsync(Address? to, ReadOnlyMemory<byte> data, UInt256 value, ulong? blockNumber, CancellationToken cancellation)
    {
        StartBlock();
        CallResult result = _machine.Call(new CallMessage { Caller = deployer, To = to, Input = data, Value = value, Gas = 1L << 40, CreationNonce = _accounts[deployer].Nonce });
        return Task.FromResult(new L1CallResult(result.IsSuccess, result.Output.ToArray()));
    }

    public Task<L1BlockRef?> GetBlockAsync(string hashNumberOrTag, CancellationToken cancellation)
    {
        ulong number = hashNumberOrTag switch
        {
            "latest" => BlockNumber,
            "earliest" => 0,
            { Length: 66 } => Enumerable.Range(0, (int)BlockNumber + 1).Select(n => (ulong)n).FirstOrDefault(n => HashOf(n).ToString() == hashNumberOrTag, ulong.MaxValue),
            _ => ulong.Parse(hashNumberOrTag),
        };
        L1BlockRef? found = number > BlockNumber ? null : new L1BlockRef(HashOf(number), number, number == 0 ? default : HashOf(number - 1), TimeOf(number));
        return Task.FromResult(found);
    }

    public Task<IReadOnlyList<SignedL1Transaction>> SignAsync(IReadOnlyList<L1Transaction> transactions, int attempt, CancellationToken cancellation)
    {
        var signed = new List<SignedL1Transaction>();
        foreach (L1Transaction transaction in transactions)
        {
            byte[] to = transaction.To is { } address ? address.ToArray() : [];
            Hash256 hash = Keccak256.Hash([.. BitConverter.GetBytes(transaction.Nonce), .. BitConverter.GetBytes(attempt), .. to, .. transaction.Data.Span]);
            _signed[hash] = transaction;
            signed.Add(new SignedL1Transaction(hash, hash.ToArray()));
        }

        return Task.FromResult<IReadOnlyList<SignedL1Transaction>>(signed);
    }

    public Task BroadcastAsync(IReadOnlyList<SignedL1Transaction> transactions, CancellationToken cancellation)
    {
        foreach (SignedL1Transaction transaction in transactions)
        {
            if (CrashAfter is { } left)
            {
                if (left == 0) throw new IOException("the deployer's power was cut");
                CrashAfter = left - 1;
            }

            Broadcasts++;
            if (transaction.Raw.Span.SequenceEqual(DeterministicDeployer.CreationTransaction.Span))
            {
                PutCode(DeterministicDeployer.Address, DeterministicDeployer.Code);
                _receipts[transaction.Hash] = new L1Receipt(true, BlockNumber, HashOf(BlockNumber), 68_131);
                continue;
            }

            L1Transaction known = _signed[transaction.Hash];
            if (known.Nonce >= _accounts[deployer].Nonce) _pool[known.Nonce] = (known, transaction.Hash);
        }

        return Task.CompletedTask;
    }

    public Task<L1Receipt?> GetReceiptAsync(Hash256 hash, CancellationToken cancellation)
    {
        if (_signed.ContainsKey(hash) && !_receipts.ContainsKey(hash)) Mine();
        return Task.FromResult(_receipts.GetValueOrDefault(hash));
    }

    /// <summary>The chain begins anew, as when somebody restarts a development L1.</summary>
    public void Reset()
    {
        _accounts.Clear();
        _accounts[deployer] = new Account(0, new UInt256(0, 1000), Hash256.EmptyCode);
        _storage.Clear();
        _receipts.Clear();
        _pool.Clear();
        BlockNumber = 200;
        PutCode(DeterministicDeployer.Address, DeterministicDeployer.Code);
    }

    /// <summary>The last transactions vanish, with all that they did, as in a reorg that loses them.</summary>
    public void Forget(Func<L1Transaction, bool> keep)
    {
        L1Transaction[] kept = [.. Included.Select(entry => entry.Transaction).TakeWhile(keep)];
        Dictionary<Hash256, L1Transaction> signed = new(_signed);
        Reset();
        BlockNumber = 1;
        Included.Clear();
        foreach (L1Transaction transaction in kept) Run(transaction, signed.First(entry => ReferenceEquals(entry.Value, transaction)).Key);
        BlockNumber = 3;
    }

    public void Mine()
    {
        if (MinesNothing) return;
        ulong left = blockGasLimit;
        bool any = false;
        while (_pool.TryGetValue(_accounts[deployer].Nonce, out (L1Transaction Transaction, Hash256 Hash) next) && next.Transaction.GasLimit <= left)
        {
            if (!any) BlockNumber++;
            any = true;
            left -= next.Transaction.GasLimit;
            _pool.Remove(next.Transaction.Nonce);
            Run(next.Transaction, next.Hash);
        }
    }

    private void Run(L1Transaction transaction, Hash256 hash)
    {
        Assert.InRange(transaction.GasLimit, 21_000ul, (1ul << 24) - 1);
        long intrinsic = 21_000;
        foreach (byte b in transaction.Data.Span) intrinsic += b == 0 ? 4 : 16;
        if (transaction.To is null) intrinsic += 32_000 + (2 * ((transaction.Data.Length + 31) / 32));
        StartBlock();
        _machine.Journal.SetNonce(deployer, transaction.Nonce + 1);
        CallResult result = _machine.Call(new CallMessage
        {
            Caller = deployer, To = transaction.To, Input = transaction.Data, Value = transaction.Value, Gas = (long)transaction.GasLimit - intrinsic, CreationNonce = transaction.Nonce,
        });
        LogEntry[] logs = _machine.Journal.GetLogs();
        _machine.EndTransaction();
        foreach (AccountChange change in _machine.TakeDiff().Accounts)
        {
            _accounts[change.Address] = change.Account;
            foreach ((UInt256 slot, UInt256 value) in change.Storage) _storage[(change.Address, slot)] = value;
        }

        foreach ((Hash256 code, byte[] bytes) in _machine.TakeDiff().Codes) _codes[code] = bytes;
        ulong used = transaction.GasLimit - (ulong)result.GasLeft;
        _receipts[hash] = new L1Receipt(result.IsSuccess, BlockNumber, HashOf(BlockNumber), used);
        Included.Add((transaction, used));
        if (result.IsSuccess) Logs.AddRange(logs);
    }

    private void StartBlock()
    {
        var block = new BlockContext { ChainId = chainId, Number = BlockNumber, Timestamp = TimeOf(BlockNumber), GasLimit = blockGasLimit, BaseFee = 1_000_000_000UL };
        _machine.StartBlock(this, this, block, EvmRules.Prague);
        _machine.StartTransaction(new TransactionContext { Origin = deployer, GasPrice = 1_000_000_000UL });
    }

    private static Hash256 HashOf(ulong number) => Keccak256.Hash(BitConverter.GetBytes(number));

    public bool TryGetAccount(in Address address, out Account account)
    {
        if (_accounts.TryGetValue(address, out account)) return true;
        account = Account.Empty;
        return false;
    }

    public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => value = _storage.GetValueOrDefault((address, slot));

    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => _codes.TryGetValue(codeHash, out byte[]? code) ? code : default;

    public bool HasStorage(in Address address)
    {
        foreach (((Address Owner, UInt256 Slot) key, UInt256 value) in _storage)
        {
            if (key.Owner == address && !value.IsZero) return true;
        }

        return false;
    }

    public Hash256 GetBlockHash(ulong number) => HashOf(number);

    public void Dispose() => _machine.Dispose();
}
