using Opal.Batcher;
using Opal.Primitives;
using Opal.TxManager;

namespace Opal.BadDays.Tests;

/// <summary>The batcher of a bad day.</summary>
internal sealed record BadDayOptions
{
    /// <summary>Wei it begins with.</summary>
    public UInt256 Balance { get; init; } = Strangers.Ether * 100UL;

    /// <summary>Random bytes of every L2 block.</summary>
    public int BytesPerBlock { get; init; } = 100;

    public bool Blobs { get; init; }

    public int MaxPending { get; init; } = 1;

    public BatcherOptions Batcher => new()
    {
        BatchInbox = Rollup.Config.BatchInboxAddress, PollInterval = TimeSpan.FromSeconds(3), MaxChannelDurationBlocks = 1, SubSafetyMarginBlocks = 5, MaxPendingTransactions = MaxPending,
        BatchType = BatchType.Span, DataAvailability = Blobs ? DataAvailabilityType.Blobs : DataAvailabilityType.Calldata,
        ChannelTimeoutBlocks = Rollup.Config.ChannelTimeoutGraniteBlocks, SequencingWindowBlocks = Rollup.Config.SequencingWindowSize,
    };

    public TxManagerOptions Transactions { get; init; } = new() { ConfirmationBlocks = 2, ReceiptQueryInterval = TimeSpan.FromSeconds(3) };
}
