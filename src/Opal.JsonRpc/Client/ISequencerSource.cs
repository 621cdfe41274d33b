namespace Opal.JsonRpc;

/// <summary>A sequencer's two halves.</summary>
/// <param name="L2">Its execution client.</param>
/// <param name="Node">Its rollup node.</param>
public sealed record SequencerPair(EthClient L2, RollupNodeClient Node);

/// <summary>Knows which of several sequencers makes blocks at the moment.</summary>
public interface ISequencerSource
{
    /// <summary>The active one. The answer may change from call to call.</summary>
    /// <exception cref="RpcTransportException">None of them answers, or none is active.</exception>
    ValueTask<SequencerPair> ActiveAsync(CancellationToken cancellation);
}

/// <summary>The only sequencer there is.</summary>
public sealed class OnlySequencer(EthClient l2, RollupNodeClient node) : ISequencerSource
{
    private readonly SequencerPair _pair = new(l2, node);

    /// <inheritdoc/>
    public ValueTask<SequencerPair> ActiveAsync(CancellationToken cancellation) => ValueTask.FromResult(_pair);
}
