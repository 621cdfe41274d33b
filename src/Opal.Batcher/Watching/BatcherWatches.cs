using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Batcher;

/// <summary>The watches of a batcher, begun and ended together: its ether, a second batcher with its key, and the key's right to post.</summary>
public sealed class BatcherWatches : IAsyncDisposable
{
    private readonly OwnTransactions _own = new();
    private readonly BatcherJournal? _journal;
    private readonly OperatorAlarms _alarms;

    /// <summary>Watches, not yet started.</summary>
    /// <param name="l1">L1.</param>
    /// <param name="manager">Sends the batcher's transactions.</param>
    /// <param name="rollup">The rollup's configuration.</param>
    /// <param name="facts">Reads the SystemConfig.</param>
    /// <param name="journal">Knows what earlier runs sent; null where none is kept.</param>
    /// <param name="crypto">Recovers senders.</param>
    /// <param name="alarms">Where alarms go.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log.</param>
    public BatcherWatches(
        EthClient l1, TransactionManager manager, RollupConfig rollup, IL1Facts facts, BatcherJournal? journal, ICrypto crypto, OperatorAlarms alarms, TimeProvider time, ILogger logger)
    {
        (_journal, _alarms) = (journal, alarms);
        Runway = new RunwayWatch(l1, manager.Sender, "batcher", new RunwayOptions(), alarms, time, logger) { Manager = manager };
        Rivals = new RivalWatch(l1.Rpc, manager.Sender, rollup.BatchInboxAddress, IsOwn, crypto, alarms, time, logger);
        Key = new BatcherKeyWatch(new BatcherIdentity(facts, rollup), alarms, time, logger);
    }

    /// <summary>Watches the ether.</summary>
    public RunwayWatch Runway { get; }

    /// <summary>Watches for a second batcher.</summary>
    public RivalWatch Rivals { get; }

    /// <summary>Watches whose batches count.</summary>
    public BatcherKeyWatch Key { get; }

    /// <summary>What they know.</summary>
    public BatcherWatchStatus Status => new() { Alarms = _alarms.Current, Runway = Runway.State, RivalTransactions = Rivals.Count, NewestRival = Rivals.Newest };

    private bool IsOwn(Hash256 transaction) => _own.Contains(transaction) || _journal?.IsOwn(transaction) == true;

    /// <summary>What the batcher sends has to go through this, so that it is known to be its own.</summary>
    public IL1Submitter Watching(IL1Submitter submitter) => _own.Watching(submitter);

    /// <summary>Notes where L1 is; to be called before the batcher sends anything.</summary>
    /// <inheritdoc cref="RivalWatch.BeginAsync" path="/exception"/>
    public Task BeginAsync(CancellationToken cancellation) => Rivals.BeginAsync(_journal?.LeftInFlight ?? 0, cancellation);

    /// <summary>Begins to watch.</summary>
    public void Start()
    {
        Runway.Start();
        Rivals.Start();
        Key.Start();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Runway.DisposeAsync();
        await Rivals.DisposeAsync();
        await Key.DisposeAsync();
    }
}
