using Microsoft.Extensions.Logging.Abstractions;
using Opal.Batcher;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.ActionTests;

/// <summary>The product's batcher over a net's sequencer, in its own tasks. What it sends waits until the test mines it.</summary>
public sealed class ServiceBatcher : IL1Submitter, IL1Facts, IAsyncDisposable
{
    private sealed record Waiting(L1Item Item, ulong Nonce, TaskCompletionSource<BlockId> Mined);

    private readonly Lock _gate = new();
    private readonly List<Waiting> _waiting = [];
    private readonly ActorNet _net;
    private readonly BatcherService _service;
    private readonly SentItems _sent;

    /// <param name="net">The net.</param>
    /// <param name="options">What the batcher is told.</param>
    /// <param name="journal">Its journal; null keeps one in memory.</param>
    /// <param name="sent">What batchers of the net sent so far, when it is not the first.</param>
    public ServiceBatcher(ActorNet net, BatcherOptions options, BatcherJournal? journal = null, SentItems? sent = null)
    {
        _net = net;
        _sent = sent ?? new SentItems();
        Sender = net.Batcher.Account.Address;
        Batcher = Sender;
        _service = new BatcherService(
            options, new OnlySequencer(net.Sequencer.Eth, new RollupNodeClient(new InProcessRpcClient(net.Sequencer.Node.Registry))), this,
            new ChannelCodec(net.Rollup.Config, options), TimeProvider.System, NullLogger.Instance, journal: journal, l1: this);
        _service.Start();
    }

    /// <summary>Transactions by hash, which outlive a batcher that is killed.</summary>
    public sealed class SentItems
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<Hash256, L1Item> _items = [];

        public int Count
        {
            get
            {
                lock (_gate) return _items.Count;
            }
        }

        public L1Item? Find(Hash256 hash)
        {
            lock (_gate) return _items.GetValueOrDefault(hash);
        }

        public void Add(L1Item item)
        {
            lock (_gate) _items[item.Transaction.Hash] = item;
        }
    }

    public BatcherStatus Status => _service.Status;

    /// <summary>Different transactions sent by all batchers that share them.</summary>
    public int Transactions => _sent.Count;

    public Address Sender { get; }

    /// <summary>What the SystemConfig says.</summary>
    public Address Batcher { get; set; }

    /// <summary>Transactions sent and not mined.</summary>
    public int Sent
    {
        get
        {
            lock (_gate) return _waiting.Count;
        }
    }

    /// <summary>Closes the open channel.</summary>
    public void Flush() => _service.Flush();

    public async Task<BlockId> SubmitAsync(IReadOnlyList<byte[]> carriers, bool asBlobs, ITxRecorder? recorder, TxResume? resume, CancellationToken cancellation)
    {
        L1Item? before = resume is null ? null : _sent.Find(resume.Versions[^1].Hash);
        L1Item item = before ?? (asBlobs ? _net.Batcher.PostBlobs([.. carriers.Select(BatcherActor.Blob)]) : _net.Batcher.Post(carriers[0]));
        if (before is not null && await FindInclusionAsync(item.Transaction.Hash, cancellation) is { } place) return place.Block;
        if (recorder is not null) await recorder.PublishingAsync(new TxVersion(item.Transaction.Nonce, item.Transaction.Hash, default), cancellation);
        _sent.Add(item);
        var mined = new TaskCompletionSource<BlockId>(TaskCreationOptions.RunContinuationsAsynchronously);
        cancellation.Register(() => mined.TrySetCanceled(cancellation));
        lock (_gate) _waiting.Add(new Waiting(item, item.Transaction.Nonce, mined));
        return await mined.Task;
    }

    /// <summary>Mines all that waits.</summary>
    public void Mine() => Mine(static waiting => waiting);

    /// <summary>Mines some of what waits, in an order.</summary>
    public void Mine(Func<IEnumerable<L1Item>, IEnumerable<L1Item>> choose)
    {
        Waiting[] waiting;
        L1Item[] chosen;
        lock (_gate)
        {
            chosen = [.. choose(_waiting.OrderBy(static w => w.Nonce).Select(static w => w.Item))];
            waiting = [.. _waiting.Where(w => chosen.Contains(w.Item))];
            _waiting.RemoveAll(waiting.Contains);
        }

        L1BlockRef block = _net.L1.Mine(chosen);
        foreach (Waiting entry in waiting) entry.Mined.SetResult(block.Id);
    }

    /// <summary>Lets the batcher's tasks go on until something holds.</summary>
    public async Task UntilAsync(Func<bool> holds)
    {
        for (int i = 0; i < 3000 && !holds(); i++) await Task.Delay(5);
        Assert.True(holds(), $"{_service.Status}");
    }

    public Task<BlockId?> FindBlockAsync(ulong number, CancellationToken cancellation) => Task.FromResult<BlockId?>(BlockAt(number)?.Header.Id);

    public Task<L1Inclusion?> FindInclusionAsync(Hash256 transaction, CancellationToken cancellation)
    {
        for (ulong number = _net.L1.Head.Number; number > 0; number--)
        {
            L1Block block = BlockAt(number)!;
            for (int i = 0; i < block.Transactions.Count; i++)
            {
                if (block.Transactions[i]!.Hash == transaction) return Task.FromResult<L1Inclusion?>(new L1Inclusion(transaction, block.Header.Id, (ulong)i));
            }
        }

        return Task.FromResult<L1Inclusion?>(null);
    }

    public Task<Address?> FindBatcherAsync(CancellationToken cancellation) => Task.FromResult<Address?>(Batcher);

    public Task<ulong?> FindNewestOwnBlockAsync(int depth, CancellationToken cancellation) => Task.FromResult<ulong?>(null);

    private L1Block? BlockAt(ulong number) => _net.L1.BlockByNumberAsync(number, default).Result;

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
