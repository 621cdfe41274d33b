using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.BadDays.Tests;

/// <summary>An L1 that has bad days when it is told to. Blocks are made by the test alone, 12 seconds apart or more.</summary>
internal interface IBadDayL1 : IAsyncDisposable
{
    /// <summary>What the batcher sees: the chain behind a provider that may lie.</summary>
    FaultyRpc Provider { get; }

    /// <summary>The chain as it is.</summary>
    EthClient Truth { get; }

    /// <summary>Makes a block of what the pool holds, at a time.</summary>
    Task MineAsync(ulong timestamp);

    /// <summary>Loses a transaction out of the pool.</summary>
    Task DropFromPoolAsync(Hash256 transaction);

    /// <summary>Replaces the newest blocks by empty ones; what they held goes back to the pool, or is lost.</summary>
    Task ReorgAsync(int depth, bool returnTransactions);

    /// <summary>Whether strangers fill blocks, so that the base fee rises by an eighth from block to block.</summary>
    bool IsBusy { get; set; }

    /// <summary>Whether strangers fill blob space, so that the blob base fee rises eightfold from block to block; it falls likewise.</summary>
    bool IsBusyWithBlobs { get; set; }

    /// <summary>Sends ether to an account.</summary>
    Task FundAsync(Address account, UInt256 wei);

    /// <summary>The content of a blob that a block carries.</summary>
    Task<byte[]> BlobAsync(Transaction transaction, int index);

    /// <summary>The blob base fee of the next block, as everybody sees it.</summary>
    Task<UInt256> BlobBaseFeeAsync();
}
