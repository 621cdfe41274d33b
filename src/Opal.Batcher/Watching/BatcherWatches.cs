using Opal.JsonRpc;
using Opal.TxManager;

namespace Opal.Batcher;

/// <summary>The watches of a batcher, begun and ended together.</summary>
public sealed class BatcherWatches : IAsyncDisposable
{
    /// <summary>Where their alarms go.</summary>
    public required OperatorAlarms Alarms { get; init; }

    /// <summary>Watches the ether; null does not.</summary>
    public RunwayWatch? Runway { get; init; }

    /// <summary>Watches for a second batcher; null does not.</summary>
    public RivalWatch? Rivals { get; init; }

    /// <summary>Watches whose batches count; null does not.</summary>
    public BatcherKeyWatch? Key { get; init; }

    /// <summary>The throttle, for the status; ended with the watches.</summary>
    public SequencerThrottle? Throttle { get; init; }

    /// <summary>The sequencers, for the status; ended with the watches.</summary>
    public ActiveSequencer? Sequencers { get; init; }

    /// <summary>What they know.</summary>
    public BatcherWatchStatus Status => new()
    {
        Alarms = Alarms.Current, Following = Sequencers?.Following, Throttle = Throttle?.Status, Runway = Runway?.State, RivalTransactions = Rivals?.Count ?? 0,
    };

    /// <summary>Begins to watch. A second batcher is watched for from where <see cref="RivalWatch.BeginAsync"/> was, which comes before the batcher starts.</summary>
    public void Start()
    {
        Runway?.Start();
        Rivals?.Start();
        Key?.Start();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Runway is not null) await Runway.DisposeAsync();
        if (Rivals is not null) await Rivals.DisposeAsync();
        if (Key is not null) await Key.DisposeAsync();
        if (Throttle is not null) await Throttle.DisposeAsync();
        Sequencers?.Dispose();
    }
}
