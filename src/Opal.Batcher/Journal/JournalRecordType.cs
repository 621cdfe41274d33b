namespace Opal.Batcher;

/// <summary>The frame types of the journal's log.</summary>
internal enum JournalRecordType : byte
{
    /// <summary>A channel was closed: its blocks and the bytes of its frames.</summary>
    ChannelClosed = 1,
    /// <summary>A transaction is to carry some of a channel's frames.</summary>
    TransactionPlanned = 2,
    /// <summary>A version of it was signed and is about to be published.</summary>
    VersionSigned = 3,
    /// <summary>It is on L1, as deep as was asked.</summary>
    TransactionConfirmed = 4,
    /// <summary>It was given up: its frames go into another.</summary>
    TransactionFailed = 5,
    /// <summary>An L1 reorg took it back, and it is sent again under its own nonce.</summary>
    TransactionReopened = 6,
    /// <summary>Nothing of the channel is sent any more: its blocks are final, or it is lost, or they are not on the chain.</summary>
    ChannelEnded = 7,
}
