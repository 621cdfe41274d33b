using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>The constants of derivation by fork, each asked with the clock that governs it.</summary>
public static class DerivationParameters
{
    /// <summary>How many L1 blocks a channel may stay open (granite/derivation.md).</summary>
    public static ulong ChannelTimeout(RollupConfig config, L1InclusionTime time) =>
        config.IsActive(OptimismFork.Granite, time) ? config.ChannelTimeoutGraniteBlocks : config.ChannelTimeoutBlocks;

    /// <summary>The most decompressed bytes of a channel that are read; from Holocene on also the most compressed bytes (fjord/derivation.md).</summary>
    public static int MaxRlpBytesPerChannel(RollupConfig config, L1InclusionTime time) =>
        config.IsActive(OptimismFork.Fjord, time) ? 100_000_000 : 10_000_000;

    /// <summary>The most bytes that the channel bank holds before Holocene (fjord/derivation.md).</summary>
    public static ulong MaxChannelBankSize(RollupConfig config, L1InclusionTime time) =>
        config.IsActive(OptimismFork.Fjord, time) ? 1_000_000_000UL : 100_000_000UL;

    /// <summary>How far L2 time may run ahead of its origin's, in seconds (fjord/derivation.md#constant-maximum-sequencer-drift).</summary>
    public static ulong MaxSequencerDrift(RollupConfig config, L1OriginTime time) =>
        config.IsActive(OptimismFork.Fjord, time) ? config.MaxSequencerDriftFjordSeconds : config.MaxSequencerDriftSeconds;
}
