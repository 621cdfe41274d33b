using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution.Tests;

/// <summary>Random calls of the Engine API, each answer and the heads after it compared with a plain model's.</summary>
public sealed class EngineModelTests
{
    private const string Variable = "OPAL_SOAK_ENGINE";
    private const int CallsPerChain = 500;

    [Fact]
    public async Task Answers_and_heads_are_those_of_the_model()
    {
        int calls = Soak.Count(Variable, 4000), seed = Soak.Seed(Variable, 7);
        SortedDictionary<string, int> seen = [];
        for (int done = 0; done < calls; done += CallsPerChain)
        {
            await using var run = new Run(seed++, seen);
            for (int i = 0; i < Math.Min(CallsPerChain, calls - done); i++) run.Call(i);
        }

        if (calls < 4000) return;
        string[] wanted =
        [
            "payload 0 Valid", "payload 0 Invalid", "payload 0 Syncing", "payload -32602", "payload -38005",
            "choice 0 Valid", "choice 0 Invalid", "choice 0 Syncing", "choice -38002", "choice -38003", "choice -38005", "choice -32602",
            "begun", "get 0", "get -38001", "get -38005", "reorg", "rewind",
        ];
        Assert.True(wanted.All(seen.ContainsKey), $"not every answer was seen: {string.Join(", ", seen)}");
    }

    private sealed class Run : IAsyncDisposable
    {
        private static readonly OptimismFork[] Forks = [OptimismFork.Canyon, OptimismFork.Ecotone, OptimismFork.Holocene, OptimismFork.Isthmus, OptimismFork.Jovian, OptimismFork.Karst];

        private readonly SortedDictionary<string, int> _seen;
        private readonly Random _random;
        private readonly OptimismFork _fork;
        private readonly string _name;
        private readonly TestRollup _rollup;
        private readonly TestRollup _factory;
        private readonly EngineModel _model;
        private readonly List<Block> _blocks = [];          // what may come from outside: a tree
        private readonly Dictionary<Hash256, bool> _truth = []; // whether a block is valid in itself
        private readonly BlockExecutor _executor;
        private readonly TestAccount[] _accounts = [.. Enumerable.Range(0, 3).Select(i => new TestAccount($"engine {i}"))];
        private string _at = "";
        private ulong _salt = 1000;

        public Run(int seed, SortedDictionary<string, int> seen)
        {
            _seen = seen;
            _random = new Random(seed);
            _fork = Forks[seed % Forks.Length];
            _name = $"seed {seed}, {_fork}";
            _rollup = new TestRollup(_fork);
            _factory = new TestRollup(_fork);
            _model = new EngineModel(_rollup.Client.Chain.Genesis);
            _executor = new BlockExecutor(_rollup.Client.Chain.Crypto, _rollup.Client.Chain.Spec);
            _rollup.Client.Chain.HeadChanged += update =>
            {
                if (update.Removed.Count > 0) Tally(update.Added.Count > 0 ? "reorg" : "rewind");
            };
            Grow();
        }

        private void Tally(string what) => _seen[what] = _seen.GetValueOrDefault(what) + 1;

        /// <summary>A tree of blocks made elsewhere, with some that are invalid and some that descend from those.</summary>
        private void Grow()
        {
            List<ExecutedBlock> made = [_factory.Client.Chain.Genesis];
            made.Add(_factory.Build(noTxPool: true, forced: [.. _accounts.Select((a, i) => TestRollup.Deposit(a.Address, Address.Zero, TestRollup.Ether, 0, (ulong)i))]));
            Keep(made[1].Block, true);
            for (int i = 0; i < 24; i++)
            {
                ExecutedBlock parent = made[Math.Max(1, made.Count - 1 - _random.Next(4))];
                TestAccount account = _accounts[_random.Next(_accounts.Length)];
                _factory.Client.Chain.OpenState(parent)!.TryGetAccount(account.Address, out Evm.Account state);
                ExecutedBlock block = _factory.Build(noTxPool: true, salt: (ulong)(i + 1), parent: parent, forced: account.Send(state.Nonce, _accounts[0].Address, 1));
                made.Add(block);
                Keep(block.Block, true);
                if (_random.Next(3) == 0) AddInvalid(block.Block);
            }
        }

        private void AddInvalid(Block good)
        {
            BlockHeader h = good.Header;
            int kind = _random.Next(4);
            Block bad = kind switch
            {
                0 => Variants.Of(good, stateRoot: Hash256.EmptyCode),
                1 => Variants.Of(good, gasUsed: h.GasUsed + 1),
                2 => Variants.Of(good, receiptsRoot: Hash256.EmptyCode),
                _ => Variants.Of(good, number: h.Number + 1),
            };
            Keep(bad, false);
            Keep(Variants.Of(good, parentHash: bad.Hash, number: bad.Number + 1, timestamp: h.Timestamp + 2), false);
        }

        private void Keep(Block block, bool isValid)
        {
            _blocks.Add(block);
            _truth[block.Hash] = isValid;
        }

        public void Call(int index)
        {
            int kind = _random.Next(100);
            _at = $"{_name}, call {index}, kind {kind}";
            if (kind < 35) NewPayload();
            else if (kind < 65) ForkchoiceUpdated(withAttributes: false);
            else if (kind < 80) ForkchoiceUpdated(withAttributes: true);
            else if (kind < 92) GetPayload();
            else if (kind < 96) GetBodies();
            else AddToPool();
            ChainHeads heads = _rollup.Client.Chain.Heads;
            Assert.True(heads.Head.Hash == _model.Head, $"{_at}: head");
            Assert.True((heads.Safe?.Hash ?? default) == _model.Safe, $"{_at}: safe");
            Assert.True((heads.Finalized?.Hash ?? default) == _model.Finalized, $"{_at}: finalized");
        }

        private Hash256 AnyHash() => _random.Next(20) switch
        {
            0 => Hash256.Zero,
            1 => Hash256.FromUInt256(new UInt256((ulong)_random.Next())),
            < 6 => _blocks[_random.Next(_blocks.Count)].Hash,
            < 9 => _model.Head,
            _ => _model.Known.Keys.ElementAt(_random.Next(_model.Known.Count)),
        };

        /// <summary>An ancestor of a block most of the time, anything otherwise; zero often.</summary>
        private Hash256 Trailing(Hash256 head)
        {
            int kind = _random.Next(10);
            if (kind < 4) return Hash256.Zero;
            if (kind < 6 || !_model.Known.ContainsKey(head)) return AnyHash();
            for (int steps = _random.Next(5); steps > 0 && _model.Known.TryGetValue(head, out (Hash256 Parent, ulong Number) block) && block.Number > 0; steps--) head = block.Parent;
            return head;
        }

        /// <summary>Runs a call; the code of its refusal, or 0 with its answer.</summary>
        private static int Try<T>(Func<T> call, out T? answer)
        {
            try
            {
                answer = call();
                return 0;
            }
            catch (EngineException refusal)
            {
                answer = default;
                return refusal.Code;
            }
        }

        private void NewPayload()
        {
            Block block = _blocks[_random.Next(_blocks.Count)];
            int right = _rollup.NewPayloadVersion, version = _random.Next(8) == 0 ? _random.Next(1, 6) : right;
            bool lies = _random.Next(12) == 0, hasRoot = version >= 3 && _random.Next(20) != 0, hasRequests = version >= 4 && _random.Next(20) != 0;
            var payload = ExecutionPayload.FromBlock(block, _fork >= OptimismFork.Isthmus);
            if (lies) payload = Variants.WithHash(payload, _random.Next(2) == 0 ? Hash256.EmptyCode : _model.Known.Keys.ElementAt(_random.Next(_model.Known.Count)));
            bool isLie = lies && payload.BlockHash != block.Hash;

            int code = Try(() => _rollup.Client.Engine.NewPayload(payload, version >= 3 ? [] : null, hasRoot ? Hash256.Zero : null, hasRequests ? [] : null, version), out PayloadStatus? status);

            Tally(code == 0 ? $"payload 0 {status!.Verdict}" : $"payload {code}");
            int expected = version == 5 ? RpcErrorCode.UnsupportedFork : CodeOf(version, hasRoot, hasRequests);
            Assert.True(code == expected, $"{_at}: newPayloadV{version} is refused with {code}, not {expected}");
            if (code != 0) return;
            (PayloadVerdict verdict, Hash256? latest) = isLie ? (PayloadVerdict.Invalid, null) : Judge(block);
            Assert.True(status!.Verdict == verdict, $"{_at}: {status.Verdict} ({status.ValidationError}), not {verdict}");
            Assert.True(status.LatestValidHash == latest, $"{_at}: latest valid {status.LatestValidHash}, not {latest}");
            Assert.True(verdict == PayloadVerdict.Invalid == !string.IsNullOrEmpty(status.ValidationError), $"{_at}: {status.ValidationError}");
        }

        private int CodeOf(int version, bool hasRoot, bool hasRequests)
        {
            bool isEcotone = _fork >= OptimismFork.Ecotone, isIsthmus = _fork >= OptimismFork.Isthmus;
            if (version >= 3)
            {
                if (!isEcotone || !hasRoot || (version >= 4 && !hasRequests)) return RpcErrorCode.InvalidParams; // a Canyon payload has no blob gas
                return version == (isIsthmus ? 4 : 3) ? 0 : RpcErrorCode.UnsupportedFork;
            }

            if (version == 1) return RpcErrorCode.InvalidParams;
            return isEcotone ? RpcErrorCode.UnsupportedFork : 0;
        }

        private (PayloadVerdict Verdict, Hash256? LatestValid) Judge(Block block)
        {
            if (_model.Known.ContainsKey(block.Hash)) return (PayloadVerdict.Valid, block.Hash);
            if (_model.Invalid.TryGetValue(block.Hash, out Hash256 latest)) return (PayloadVerdict.Invalid, latest);
            if (_model.Invalid.TryGetValue(block.Header.ParentHash, out latest))
            {
                _model.Invalid[block.Hash] = latest;
                return (PayloadVerdict.Invalid, latest);
            }

            if (!_model.Known.ContainsKey(block.Header.ParentHash)) return (PayloadVerdict.Syncing, null);
            if (_truth[block.Hash])
            {
                _model.Known[block.Hash] = (block.Header.ParentHash, block.Number);
                return (PayloadVerdict.Valid, block.Hash);
            }

            _model.Invalid[block.Hash] = block.Header.ParentHash;
            return (PayloadVerdict.Invalid, block.Header.ParentHash);
        }

        private void ForkchoiceUpdated(bool withAttributes)
        {
            Hash256 head = AnyHash();
            var state = new ForkchoiceState(head, Trailing(head), Trailing(head));
            int version = _random.Next(8) == 0 ? _random.Next(1, 5) : _rollup.ForkchoiceVersion;
            ExecutedBlock? parent = _rollup.Client.Chain.Find(head);
            (PayloadAttributes? attributes, bool isGood) = withAttributes ? MakeAttributes(parent ?? _rollup.Head) : (null, true);

            int code = Try(() => _rollup.Client.Engine.ForkchoiceUpdated(state, attributes, version), out ForkchoiceResult? result);

            Tally(code == 0 ? $"choice 0 {result!.Status.Verdict}" : $"choice {code}");
            if (head.IsZero || _model.Invalid.ContainsKey(head))
            {
                Assert.True(code == 0 && result!.Status.Verdict == PayloadVerdict.Invalid, $"{_at}: {code}");
                Assert.True(result!.Status.LatestValidHash == (head.IsZero ? null : _model.Invalid[head]) && result.PayloadId is null, _at);
                return;
            }

            if (!_model.Known.ContainsKey(head))
            {
                Assert.True(code == 0 && result!.Status.Verdict == PayloadVerdict.Syncing && result.PayloadId is null, $"{_at}: {code}");
                return;
            }

            bool fits = (state.Safe.IsZero || _model.IsAncestor(state.Safe, head)) && (state.Finalized.IsZero || _model.IsAncestor(state.Finalized, head));
            if (!fits)
            {
                Assert.True(code == RpcErrorCode.InvalidForkchoiceState, $"{_at}: {code}");
                return;
            }

            _model.Move(head, state.Safe, state.Finalized);
            int expected = attributes is null ? 0 : AttributesCode(version, isGood);
            Assert.True(code == expected, $"{_at}: forkchoiceUpdatedV{version} is refused with {code}, not {expected}");
            if (code != 0) return;
            Assert.True(result!.Status.Verdict == PayloadVerdict.Valid && result.Status.LatestValidHash == head, _at);
            Assert.True(attributes is null == result.PayloadId is null, _at);
            if (result.PayloadId is not { } id) return;
            Assert.True(id == PayloadIds.Of(head, attributes!, (byte)version), _at);
            Tally("begun");
            _model.Begin(id.Value, head, attributes!);
        }

        private int AttributesCode(int version, bool isGood)
        {
            bool isEcotone = _fork >= OptimismFork.Ecotone;
            if (version == 4) return RpcErrorCode.UnsupportedFork;
            if (isEcotone ? version < 3 : version == 3) return RpcErrorCode.InvalidPayloadAttributes; // a beacon root too many, or one too few
            if (version == 1) return RpcErrorCode.InvalidParams;
            return isGood ? 0 : RpcErrorCode.InvalidPayloadAttributes;
        }

        private (PayloadAttributes Attributes, bool IsGood) MakeAttributes(ExecutedBlock parent)
        {
            PayloadAttributes good = _rollup.Attributes(parent, noTxPool: _random.Next(2) == 0, salt: _random.Next(3) == 0 ? _salt : ++_salt);
            return _random.Next(16) switch
            {
                0 => (Variants.Of(good, timestamp: parent.Header.Timestamp), false),
                1 => (Variants.Of(good, hasGasLimit: false), false),
                2 => (Variants.Of(good, transactions: [.. good.Transactions, [0x7f, 1]]), false),
                3 => (Variants.Of(good, transactions: [.. good.Transactions, _accounts[0].Send(99_999, _accounts[1].Address).Encoded]), false),
                4 when _fork >= OptimismFork.Holocene => (Variants.Of(good, fees: [0, 0, 0, 1, 0, 0, 0, 0]), false),
                5 when _fork < OptimismFork.Holocene => (Variants.Of(good, fees: new byte[8]), false),
                _ => (good, true),
            };
        }

        private void GetPayload()
        {
            bool known = _model.Payloads.Count > 0 && _random.Next(6) != 0;
            ulong id = known ? _model.Payloads.Keys.ElementAt(_random.Next(_model.Payloads.Count)) : ((ulong)_random.Next(1, 4) << 56) | (uint)_random.Next();
            int version = _random.Next(6) == 0 ? _random.Next(1, 6) : _rollup.GetPayloadVersion;
            int begunBy = (int)(id >> 56);

            int code = Try(() => _rollup.Client.Engine.GetPayload(new PayloadId(id), version), out BuiltPayload? payload);

            Tally($"get {code}");
            bool mayBegin = version switch { 1 => begunBy == 1, 2 => begunBy <= 2, _ => begunBy == 3 };
            bool fits = version switch
            {
                <= 2 => _fork < OptimismFork.Ecotone,
                3 => _fork is >= OptimismFork.Ecotone and < OptimismFork.Isthmus,
                _ => _fork >= OptimismFork.Isthmus,
            };
            int expected = !mayBegin ? RpcErrorCode.UnsupportedFork : !known ? RpcErrorCode.UnknownPayload : fits ? 0 : RpcErrorCode.UnsupportedFork;
            Assert.True(code == expected, $"{_at}: getPayloadV{version} is refused with {code}, not {expected}");
            if (code != 0) return;
            (Hash256 parentHash, PayloadAttributes attributes, Hash256? given) = _model.Payloads[id];
            Hash256 hash = payload!.Block.Hash;
            Assert.True(given is null || given == hash, $"{_at}: another block the second time");
            if (given is not null) return;
            _model.Payloads[id] = (parentHash, attributes, hash);
            PayloadChecks.Check(_rollup.Client.Chain, _executor, _rollup.Client.Chain.Find(parentHash)!, attributes, payload, _at);
            if (!_truth.ContainsKey(hash)) Keep(payload.Block, true);
            _model.Known[hash] = (parentHash, payload.Block.Number); // kept before it was given out
        }

        private void GetBodies()
        {
            ulong start = (ulong)_random.Next(0, 12), count = (ulong)_random.Next(0, 12) * (_random.Next(20) == 0 ? 1000UL : 1UL);
            int code = Try(() => _rollup.Client.Engine.GetBodiesByRange(start, count), out IReadOnlyList<ExecutedBlock?>? bodies);
            int expected = start == 0 || count == 0 ? RpcErrorCode.InvalidParams : count > 1024 ? RpcErrorCode.TooLargeRequest : 0;
            Assert.True(code == expected, $"{_at}: {code}");
            ulong last = Math.Min(start + count - 1, _model.Known[_model.Head].Number);
            if (code == 0) Assert.Equal([.. Enumerable.Range(0, start > last ? 0 : (int)(last - start + 1)).Select(i => _model.At(start + (ulong)i))], bodies!.Select(b => b?.Hash));

            Hash256[] hashes = [.. Enumerable.Range(0, 4).Select(_ => AnyHash())];
            Assert.Equal(hashes.Select(h => _model.Known.ContainsKey(h) ? h : (Hash256?)null), _rollup.Client.Engine.GetBodiesByHash(hashes).Select(b => b?.Hash));
        }

        private void AddToPool()
        {
            TestAccount account = _accounts[_random.Next(_accounts.Length)];
            _rollup.Client.Pool.Add(account.Send(_rollup.Client.Pool.PendingNonce(account.Address), _accounts[0].Address, (ulong)_random.Next(9), tipGwei: (ulong)_random.Next(1, 20)));
        }

        public async ValueTask DisposeAsync()
        {
            _executor.Dispose();
            await _rollup.DisposeAsync();
            await _factory.DisposeAsync();
        }
    }
}
