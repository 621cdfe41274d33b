using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution.Tests;

/// <summary>The pool beside a slow, plain one, under random additions, replacements, evictions, moves of the head and reorgs.</summary>
public sealed class PoolModelTests
{
    private const string Variable = "OPAL_SOAK_POOL";
    private const int StepsPerChain = 300;

    [Fact]
    public async Task The_pool_holds_what_a_plain_one_holds_within_its_limits_and_names_every_loss()
    {
        int steps = Soak.Count(Variable, 1500), seed = Soak.Seed(Variable, 3);
        SortedDictionary<string, int> seen = [];
        for (int done = 0; done < steps; done += StepsPerChain)
        {
            await using var run = new Run(seed++, seen);
            for (int i = 0; i < Math.Min(StepsPerChain, steps - done); i++) run.Step(i);
        }

        if (steps < 1500) return;
        string[] wanted =
        [
            "left Included", "left NonceUsed", "left Replaced", "left Unpayable", "left AccountQueueFull", "left QueueFull", "left PendingFull", "left Outbid", "back",
            "None", "AlreadyKnown", "Underpriced", "InsufficientFunds", "ReplacementUnderpriced", "QueueLimit", "PoolFull",
        ];
        Assert.True(wanted.All(seen.ContainsKey), $"not everything was seen: {string.Join(", ", seen)}");
    }

    private sealed class Run : IAsyncDisposable
    {
        private readonly SortedDictionary<string, int> _seen;
        private readonly Random _random;
        private readonly string _name;
        private readonly TestRollup _rollup;
        private readonly PoolOptions _options;
        private readonly TestAccount[] _accounts = [.. Enumerable.Range(0, 14).Select(i => new TestAccount($"pooled {i}"))];
        private readonly HashSet<Address> _locals;
        private readonly Dictionary<Hash256, PoolTransaction> _held = [];     // the plain pool
        private readonly List<(PoolTransaction Transaction, PoolDropReason Reason)> _dropped = [];
        private readonly List<string> _unfounded = [];
        private readonly List<Hash256> _removed = [];                          // transactions of blocks that left the chain in this step
        private string _at = "";
        private ulong _salt = 100;

        public Run(int seed, SortedDictionary<string, int> seen)
        {
            _seen = seen;
            _random = new Random(seed);
            _name = $"seed {seed}";
            _options = new PoolOptions { AccountSlots = 3, GlobalSlots = 14, AccountQueue = 2, GlobalQueue = 12, Locals = seed % 3 == 0 ? [_accounts[9].Address] : [] };
            _locals = [.. _options.Locals];
            _rollup = new TestRollup(OptimismFork.Jovian, o => o with { Pool = _options });
            _rollup.Client.Pool.Dropped += OnDropped;
            _rollup.Client.Chain.HeadChanged += update => _removed.AddRange(update.Removed.SelectMany(b => b.Transactions).Select(t => t.Hash));
            _rollup.Build(noTxPool: true, forced: [.. _accounts.Select((a, i) => TestRollup.Deposit(a.Address, Address.Zero, TestRollup.Ether / (ulong)(1 + (i * 8)), 0, (ulong)i))]);
        }

        private void Tally(string what) => _seen[what] = _seen.GetValueOrDefault(what) + 1;

        private TransactionPool Pool => _rollup.Client.Pool;

        public void Step(int index)
        {
            int kind = _random.Next(100);
            _at = $"{_name}, step {index}, kind {kind}";
            if (kind < 90) Add();
            else if (kind < 95) _rollup.Build(noTxPool: _random.Next(3) != 0, salt: ++_salt);
            else if (kind < 97) Reorg();
            else Spend();
            Settle();
            Check();
        }

        private void Add()
        {
            // some accounts are loud
            TestAccount account = _accounts[_random.Next(3) == 0 ? _random.Next(2) : _random.Next(_accounts.Length)];
            ulong nonce = _random.Next(10) switch
            {
                < 6 => Pool.PendingNonce(account.Address),
                < 8 => Pool.PendingNonce(account.Address) + (ulong)_random.Next(1, 8),
                _ => StateOf(account.Address).Nonce + (ulong)_random.Next(4),
            };
            byte[]? data = _random.Next(12) == 0 ? new byte[40_000] : null;
            Transaction transaction = account.Send(
                nonce, _accounts[_random.Next(_accounts.Length)].Address, (ulong)_random.Next(1000), data, gas: data is null ? 21_000UL : 500_000UL,
                tipGwei: (ulong)_random.Next(1, 30), feeCapGwei: (ulong)_random.Next(30, 120));
            PoolTransaction? replaced = _held.Values.FirstOrDefault(t => t.Sender == account.Address && t.Nonce == nonce);
            if (_random.Next(30) == 0 && _held.Count > 0) transaction = _held.Values.ElementAt(_random.Next(_held.Count)).Transaction;
            PoolAddResult result = Pool.Add(transaction);
            Tally(result.Error.ToString());
            bool isKnown = _held.ContainsKey(transaction.Hash);
            Assert.True(isKnown == (result.Error == PoolError.AlreadyKnown), $"{_at}: {result.Message}");
            if (result.IsAccepted)
            {
                _held[transaction.Hash] = result.Added!;
                if (replaced is not null)
                {
                    Assert.Contains(_dropped, d => d.Transaction == replaced && d.Reason == PoolDropReason.Replaced);
                    Assert.True(transaction.MaxFeePerGas * 100UL >= replaced.FeeCap * 110UL && transaction.MaxPriorityFeePerGas * 100UL >= replaced.TipCap * 110UL, _at);
                }
            }
            else if (!isKnown && replaced is not null && result.Error == PoolError.ReplacementUnderpriced)
            {
                Assert.True(transaction.MaxFeePerGas * 100UL < replaced.FeeCap * 110UL || transaction.MaxPriorityFeePerGas * 100UL < replaced.TipCap * 110UL, _at);
            }

            // an addition removes nothing but for want of room, and nobody's executable transactions for the sake of a waiting one
            Assert.All(_dropped, d => Assert.Contains(d.Reason, Crowding));
            bool waits = result.IsAccepted && !result.Added!.IsPending;
            if (waits && !_locals.Contains(account.Address)) Assert.DoesNotContain(_dropped, d => d.Reason is PoolDropReason.Outbid or PoolDropReason.PendingFull);
        }

        private static readonly PoolDropReason[] Crowding =
            [PoolDropReason.Replaced, PoolDropReason.AccountQueueFull, PoolDropReason.QueueFull, PoolDropReason.PendingFull, PoolDropReason.Outbid];

        private void Reorg()
        {
            ulong back = (ulong)_random.Next(1, 4);
            if (_rollup.Head.Number <= back + 1) return;
            _rollup.Build(noTxPool: _random.Next(2) == 0, salt: ++_salt, parent: _rollup.Client.Chain.FindCanonical(_rollup.Head.Number - back));
        }

        /// <summary>A block from elsewhere takes an account's money away, or gives it some, and uses its nonce.</summary>
        private void Spend()
        {
            TestAccount account = _accounts[_random.Next(_accounts.Length)];
            UInt256 balance = StateOf(account.Address).Balance;
            bool gives = _random.Next(2) == 0;
            Transaction deposit = TestRollup.Deposit(
                account.Address, Address.FromNumber(0xdead01), gives ? TestRollup.Ether / 4UL : UInt256.Zero, gives ? 0 : (balance - (balance / 20UL)).U0, ++_salt);
            _rollup.Build(noTxPool: true, salt: ++_salt, forced: deposit);
        }

        private Evm.Account StateOf(Address address)
        {
            _rollup.Client.Chain.OpenState(_rollup.Head)!.TryGetAccount(address, out Evm.Account account);
            return account;
        }

        /// <summary>A transaction leaves: the reason must hold at the head of that moment.</summary>
        private void OnDropped(PoolTransaction transaction, PoolDropReason reason)
        {
            _dropped.Add((transaction, reason));
            Tally($"left {reason}");
            Evm.Account account = StateOf(transaction.Sender);
            bool holds = reason switch
            {
                PoolDropReason.Included => _rollup.Client.Chain.TryFindTransaction(transaction.Hash, out _),
                PoolDropReason.NonceUsed => transaction.Nonce < account.Nonce,
                PoolDropReason.Unpayable => transaction.TotalCost > account.Balance,
                PoolDropReason.Replaced => true,
                PoolDropReason.AccountQueueFull => !_locals.Contains(transaction.Sender) && Pool.Size.Queued + 1 > _options.AccountQueue,
                PoolDropReason.QueueFull => !_locals.Contains(transaction.Sender) && (Pool.Size.Queued + 1 >= _options.GlobalQueue || IsCrowded(transaction)),
                PoolDropReason.PendingFull => !_locals.Contains(transaction.Sender) && Pool.Size.PendingSlots > _options.GlobalSlots,
                PoolDropReason.Outbid => !_locals.Contains(transaction.Sender) && IsCrowded(transaction),
                _ => false,
            };
            if (!holds) _unfounded.Add($"{_at}: {transaction.Hash} left as {reason}");
        }

        /// <summary>Whether a transaction of at most two slots more would not have fitted with this one in.</summary>
        private bool IsCrowded(PoolTransaction leaving) => Pool.Size.Slots + leaving.Slots + 2 > _options.GlobalSlots + _options.GlobalQueue;

        /// <summary>Takes what left out of the plain pool; what appeared by itself must be of a removed block.</summary>
        private void Settle()
        {
            Assert.Empty(_unfounded);
            foreach ((PoolTransaction transaction, _) in _dropped) _held.Remove(transaction.Hash);
            foreach (PoolTransaction transaction in Pool.Content().SelectMany(c => c.Pending.Concat(c.Queued)))
            {
                if (!_held.TryAdd(transaction.Hash, transaction)) continue;
                Tally("back");
                Assert.True(_removed.Contains(transaction.Hash), $"{_at}: {transaction.Hash} came from nowhere");
            }

            _dropped.Clear();
            _removed.Clear();
        }

        private void Check()
        {
            Assert.True(Pool.FindInconsistency() is not { } wrong, $"{_at}: {Pool.FindInconsistency()}");
            Dictionary<Hash256, PoolTransaction> real = Pool.Content().SelectMany(c => c.Pending.Concat(c.Queued)).ToDictionary(t => t.Hash);
            Assert.True(_held.Keys.ToHashSet().SetEquals(real.Keys), $"{_at}: lost without a reason: {string.Join(", ", _held.Keys.Except(real.Keys))}");

            // which are executable, by the plain rule
            Dictionary<Address, List<PoolTransaction>> runs = [];
            foreach (IGrouping<Address, PoolTransaction> own in _held.Values.GroupBy(t => t.Sender))
            {
                Evm.Account account = StateOf(own.Key);
                ulong next = account.Nonce;
                List<PoolTransaction> run = runs[own.Key] = [];
                foreach (PoolTransaction transaction in own.OrderBy(t => t.Nonce))
                {
                    Assert.True(transaction.Nonce >= account.Nonce && transaction.TotalCost <= account.Balance, $"{_at}: {transaction.Hash} should be gone");
                    if (transaction.Nonce != next) break;
                    run.Add(transaction);
                    next++;
                }

                SenderContent content = Pool.ContentFrom(own.Key)!;
                Assert.Equal(run.Select(t => t.Hash), content.Pending.Select(t => t.Hash));
                Assert.Equal(next, Pool.PendingNonce(own.Key));
            }

            CheckBounds(runs);
            CheckOrder(runs);
        }

        private void CheckBounds(Dictionary<Address, List<PoolTransaction>> runs)
        {
            PoolTransaction[] remote = [.. _held.Values.Where(t => !_locals.Contains(t.Sender))];
            int slots = remote.Sum(t => t.Slots), pending = runs.Where(r => !_locals.Contains(r.Key)).Sum(r => r.Value.Sum(t => t.Slots));
            Assert.True(slots <= _options.GlobalSlots + _options.GlobalQueue, $"{_at}: {slots} slots");
            HashSet<Hash256> executable = [.. runs.Values.SelectMany(r => r).Select(t => t.Hash)];
            PoolTransaction[] queued = [.. remote.Where(t => !executable.Contains(t.Hash))];
            Assert.True(queued.Length <= _options.GlobalQueue, $"{_at}: {queued.Length} wait");
            Assert.All(queued.GroupBy(t => t.Sender), g => Assert.True(g.Count() <= _options.AccountQueue, $"{_at}: {g.Count()} of one account wait"));
            if (pending > _options.GlobalSlots) Assert.All(runs, r => Assert.True(_locals.Contains(r.Key) || r.Value.Count <= _options.AccountSlots, $"{_at}: {r.Value.Count} of one account in {pending} slots"));
        }

        private void CheckOrder(Dictionary<Address, List<PoolTransaction>> runs)
        {
            UInt256 baseFee = new((ulong)_random.Next(0, 60) * 1_000_000_000UL);
            List<Hash256> expected = [];
            Dictionary<Address, int> at = [];
            while (true)
            {
                // the plain way: look at everybody's next, take the best
                PoolTransaction? best = null;
                foreach ((Address sender, List<PoolTransaction> run) in runs)
                {
                    int index = at.GetValueOrDefault(sender);
                    if (index >= run.Count || run[index].FeeCap < baseFee) continue;
                    if (best is null || TipOf(run[index], baseFee) > TipOf(best, baseFee) || (TipOf(run[index], baseFee) == TipOf(best, baseFee) && run[index].Arrival < best.Arrival)) best = run[index];
                }

                if (best is null) break;
                expected.Add(best.Hash);
                at[best.Sender] = at.GetValueOrDefault(best.Sender) + 1;
            }

            List<Hash256> yielded = [];
            BestTransactions pool = Pool.Best(baseFee);
            for (; pool.TryPeek(out PoolTransaction? next); pool.Shift()) yielded.Add(next.Hash);
            Assert.True(expected.SequenceEqual(yielded), $"{_at}: another order at base fee {baseFee}");
        }

        private static UInt256 TipOf(PoolTransaction transaction, in UInt256 baseFee) => UInt256.Min(transaction.FeeCap - baseFee, transaction.TipCap);

        public ValueTask DisposeAsync() => _rollup.DisposeAsync();
    }
}
