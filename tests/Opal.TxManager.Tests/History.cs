using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager.Tests;

/// <summary>One random history. Candidates are told apart by their call data; a driver sends each until it is confirmed, as the batcher's journal does.</summary>
internal sealed class History : IDisposable
{
    private const ulong Gwei = 1_000_000_000;
    private const int Confirmations = 4, Seconds = 600, Candidates = 6;

    private readonly int _seed;
    private readonly Random _random;
    private readonly TxWorld _world;
    private readonly List<Driven> _candidates = [];
    private readonly TxManagerOptions _options;
    private readonly HashSet<Hash256> _recorded = [];
    private CancellationTokenSource _run = new();
    private TransactionManager _manager;
    private bool _isCalm;
    private ulong _highest, _checked;

    public History(int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        _world = new TxWorld(_random.Next(1, 4));
        _options = new TxManagerOptions
        {
            ConfirmationBlocks = Confirmations, FeeLimitMultiplier = (uint)_random.Next(2, 6), FeeLimitThreshold = (ulong)_random.Next(1, 60) * Gwei,
            ReceiptQueryInterval = TimeSpan.FromSeconds(_random.Next(2, 13)), MaxBaseFee = _random.Next(3) == 0 ? (UInt256)(200 * Gwei) : null,
        };
        _manager = _world.Manager(_options);
    }

    private FakeL1 L1 => _world.L1;

    private bool Chance(int oneIn) => _random.Next(oneIn) == 0;

    public async Task RunAsync()
    {
        try
        {
            for (int second = 0; second < Seconds; second++)
            {
                if (_candidates.Count < Candidates && Chance(30)) Begin((byte)_candidates.Count);
                Disturb();
                await _world.Clock.AdvanceAsync(TimeSpan.FromSeconds(1));
                Check();
            }

            while (_candidates.Count < Candidates) Begin((byte)_candidates.Count);
            Calm();
            for (int second = 0; second < 4 * 3600 && !_candidates.TrueForAll(c => c.Confirmed is not null); second++)
            {
                _world.Tick();
                await _world.Clock.AdvanceAsync(TimeSpan.FromSeconds(1));
            }

            Check();
            Assert.All(_candidates, c => Assert.NotNull(c.Confirmed));
            Assert.All(_candidates, c => Assert.Equal(1, Mined(c.Marker)));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            string log = string.Join('\n', _world.Log.Select(e => e.Text).Distinct().TakeLast(60));
            string journals = string.Join('\n', _candidates.Select(c => $"{c.Marker}: confirmed {c.Confirmed?.TransactionHash}, recorded {string.Join(' ', c.Journal.Versions.Select(v => $"{v.Nonce}:{v.Hash.ToString()[..10]}"))}"));
            throw new InvalidOperationException($"history {_seed} failed: {error.Message}\n{_manager.Status}\n{journals}\n{log}", error);
        }
    }

    public void Dispose()
    {
        _run.Cancel();
        _run.Dispose();
        _manager.Dispose();
        _world.Dispose();
    }

    private int Mined(byte marker) => L1.MinedBy(_world.Signer.Address).Count(t => t.To == TxWorld.To && t.Data.Span[0] == marker);

    private void Begin(byte marker)
    {
        var driven = new Driven(marker, new CheckedJournal(this));
        _candidates.Add(driven);
        _ = DriveAsync(driven, _manager, _run.Token);
    }

    /// <summary>Sends until it is confirmed: resumes what may be out, and sends anew what cannot be mined any more.</summary>
    private async Task DriveAsync(Driven driven, TransactionManager manager, CancellationToken run)
    {
        await Task.Yield();
        while (!run.IsCancellationRequested)
        {
            int pause = 5;
            using CancellationTokenSource given = CancellationTokenSource.CreateLinkedTokenSource(run);
            driven.GivingUp = given;
            try
            {
                TxResume? resume = driven.Journal.Versions.Count > 0 ? driven.Journal.Resume() : null;
                driven.Confirmed = await manager.SendAsync(TxWorld.Call(driven.Marker), driven.Journal, resume, given.Token);
                return;
            }
            catch (TxManagerException error) when (error.Failure == TxFailure.NonceTaken || error.Published.Count == 0)
            {
                driven.Journal.Versions.Clear();
            }
            catch (Exception error) when (error is RpcTransportException or RpcCallException or IOException or TxManagerException)
            {
                // What is recorded may be out: it is resumed.
            }
            catch (OperationCanceledException) when (!run.IsCancellationRequested)
            {
                pause = 100; // long enough for others to find it in their way
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception error)
            {
                driven.Fault = error;
                return;
            }
            finally
            {
                driven.GivingUp = null;
            }

            await Task.Delay(TimeSpan.FromSeconds(pause), _world.Clock, run).ContinueWith(static _ => { }, TaskScheduler.FromCurrentSynchronizationContext());
        }
    }

    /// <summary>The program is killed and starts again: what was recorded and not confirmed is resumed first.</summary>
    private void Kill()
    {
        _run.Cancel();
        _run.Dispose();
        _run = new CancellationTokenSource();
        _manager.Dispose();
        _manager = _world.Manager(_options);
        foreach (Driven driven in _candidates.OrderBy(c => c.Journal.Versions.Count == 0))
        {
            if (driven.Confirmed is null) _ = DriveAsync(driven, _manager, _run.Token);
        }
    }

    private void Disturb()
    {
        if (Chance(150)) Kill();
        if (Chance(6)) L1.Mine(empty: Chance(3));
        _highest = Math.Max(_highest, L1.Head);
        if (Chance(60)) Reorg();
        if (Chance(100)) L1.EmptyPool();
        if (Chance(20)) L1.BaseFee = UInt256.Max(UInt256.Min((L1.BaseFee * (ulong)_random.Next(50, 250)) / 100UL, 1000 * Gwei), Gwei);
        if (Chance(60)) L1.Tip = (ulong)_random.Next(1, 5) * Gwei;
        if (Chance(200)) L1.SetFunds(_world.Signer.Address, (ulong)_random.Next(0, 40_000_000) * Gwei);
        if (Chance(300)) Steal();
        foreach (Driven driven in _candidates) driven.Journal.IsFull = Chance(20);
        if (Chance(80) && _candidates.Count > 0) _candidates[_random.Next(_candidates.Count)].GivingUp?.Cancel();
        FakeEndpoint moody = L1.Endpoints[_random.Next(L1.Endpoints.Count)];
        if (!Chance(15)) return;
        moody.IsDown = Chance(4);
        moody.IsUnreachable = Chance(6);
        moody.IsSilent = Chance(8);
        moody.HidesReceipts = Chance(6);
        moody.DropsEverything = Chance(4);
        moody.LosesAnswers = Chance(4);
        moody.Lag = (ulong)_random.Next(0, 3);
        if (Chance(5)) moody.SendFailures.Enqueue(new RpcError(-32000, Chance(2) ? "txpool is full" : "internal error"));
    }

    /// <summary>Never so deep, in one reorg or several in a row, that what was confirmed is lost: then nobody could keep a promise.</summary>
    private void Reorg()
    {
        long allowed = (long)L1.Head - ((long)_highest - (Confirmations - 1));
        int depth = (int)Math.Min(Math.Min(_random.Next(1, Confirmations), allowed), (long)L1.Head);
        if (depth > 0) L1.Reorg(depth, backToPool: Chance(2));
    }

    private void Steal()
    {
        ulong nonce = L1.CountAt(_world.Signer.Address, L1.Head);
        L1.MineStranger(_world.Stranger(nonce, gwei: 3000));
    }

    private void Calm()
    {
        _isCalm = true;
        L1.BaseFee = 10 * Gwei;
        L1.Tip = 2 * Gwei;
        L1.SetFunds(_world.Signer.Address, new UInt256(1_000_000_000) * Gwei * 1000UL);
        foreach (Driven driven in _candidates) driven.Journal.IsFull = false;
        foreach (FakeEndpoint endpoint in L1.Endpoints)
        {
            endpoint.IsDown = endpoint.IsUnreachable = endpoint.IsSilent = endpoint.HidesReceipts = endpoint.DropsEverything = endpoint.LosesAnswers = false;
            endpoint.Lag = 0;
            endpoint.SendFailures.Clear();
        }
    }

    private void Check()
    {
        foreach (Driven driven in _candidates)
        {
            if (driven.Fault is { } fault) throw new InvalidOperationException($"candidate {driven.Marker}: {fault}", fault);
        }

        if (_checked == L1.Blocks[^1].Salt && !_isCalm) return;
        _checked = L1.Blocks[^1].Salt;
        foreach (Driven driven in _candidates)
        {
            Assert.True(Mined(driven.Marker) <= 1, $"candidate {driven.Marker} is mined twice");
        }

        ulong nonce = 0;
        foreach (Transaction mined in L1.MinedBy(_world.Signer.Address)) Assert.Equal(nonce++, mined.Nonce);
        if (_isCalm) Assert.All(L1.Offered, offered => Assert.True(offered.Transaction.To == _world.Signer.Address || _recorded.Contains(offered.Transaction.Hash), "published and not recorded"));
    }

    /// <summary>No version may offer more than the limit at the prices of the last blocks. A price may be asked for right before a reorg takes its block away.</summary>
    private void CheckOffer(in TxFees fees)
    {
        UInt256 baseFee = UInt256.Max(L1.BaseFees.TakeLast(8 + Confirmations).Max(), Gwei);
        UInt256 most = ((baseFee * 2UL) + new UInt256(5 * Gwei)) * _options.FeeLimitMultiplier;
        Assert.True(fees.FeeCap <= most || fees.FeeCap <= _options.FeeLimitThreshold, $"{fees} is above the limit");
        Assert.True(_options.MaxBaseFee is not { } greatest || fees.FeeCap <= greatest * 12UL, $"{fees} was offered above the greatest base fee");
    }

    private sealed record Driven(byte Marker, CheckedJournal Journal)
    {
        public TxReceiptInfo? Confirmed { get; set; }

        public Exception? Fault { get; set; }

        /// <summary>Ends the present sending, as a role does that has something better to do; it is resumed later. Null between.</summary>
        public CancellationTokenSource? GivingUp { get; set; }
    }

    /// <summary>Checks that a version is told before it is published, once unless it was discarded between, and within the limit.</summary>
    private sealed class CheckedJournal(History history) : ITxRecorder
    {
        public List<TxVersion> Versions { get; } = [];

        public bool IsFull { get; set; }

        /// <summary>What a later run resumes: the versions of the last nonce.</summary>
        public TxResume Resume() => new(Versions[^1].Nonce, [.. Versions.Where(v => v.Nonce == Versions[^1].Nonce)]);

        public ValueTask PublishingAsync(TxVersion version, CancellationToken cancellation)
        {
            if (IsFull) throw new IOException("no space left on device");
            Assert.False(Versions.Exists(known => known.Hash == version.Hash), "a version is recorded twice");
            Assert.True(history._recorded.Contains(version.Hash) || !history.L1.Offered.Exists(offered => offered.Transaction.Hash == version.Hash), "a version was published before it was recorded");
            history.CheckOffer(version.Fees);
            Versions.Add(version);
            history._recorded.Add(version.Hash);
            return ValueTask.CompletedTask;
        }
    }
}
