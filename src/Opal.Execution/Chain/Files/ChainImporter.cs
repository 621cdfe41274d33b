using System.Threading.Channels;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Executes the blocks of a file and makes them the chain's head. While one block is executed, the next ones are decoded and their senders recovered.</summary>
public sealed class ChainImporter(Blockchain chain)
{
    /// <summary>Blocks decoded ahead of execution.</summary>
    private const int Ahead = 64;

    /// <summary>Blocks between two moves of the head.</summary>
    private const int HeadInterval = 32;

    /// <summary>Imports a file. What came before a fault stays.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="progress">Told after every block.</param>
    /// <param name="cancellation">Ends it between two blocks; what was imported stays.</param>
    /// <returns>What was done.</returns>
    /// <exception cref="ChainFileException">The file is malformed, or a block of it is invalid or links to nothing here.</exception>
    public ImportProgress Import(ChainFileReader reader, Action<ImportProgress>? progress = null, CancellationToken cancellation = default)
    {
        var decoded = Channel.CreateBounded<Block>(new BoundedChannelOptions(Ahead) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task reading = Task.Run(() => ReadAsync(reader, decoded.Writer, stop.Token), CancellationToken.None);
        var done = default(ImportProgress) with { TotalBytes = reader.Length };
        Hash256? newest = null;
        int sinceHead = 0;
        try
        {
            while (TryTake(decoded.Reader, stop.Token, out Block? block))
            {
                InsertResult result = block.Number == chain.Genesis.Number ? CheckGenesis(block) : chain.Insert(block, sync: false);
                switch (result.Status)
                {
                    case InsertStatus.Inserted:
                        done = done with { Imported = done.Imported + 1, Transactions = done.Transactions + (ulong)block.Transactions.Length, Gas = done.Gas + block.Header.GasUsed };
                        newest = block.Hash;
                        break;
                    case InsertStatus.AlreadyKnown:
                        done = done with { Skipped = done.Skipped + 1 };
                        if (block.Number > chain.Head.Number) newest = block.Hash;
                        break;
                    default:
                        throw new ChainFileException($"block {block.Number} {block.Hash} cannot be imported: {Reason(result)}");
                }

                if (newest is { } head && ++sinceHead >= HeadInterval)
                {
                    SetHead(head);
                    (newest, sinceHead) = (null, 0);
                }

                done = done with { Number = block.Number, BytesRead = reader.Position };
                progress?.Invoke(done);
            }

            reading.GetAwaiter().GetResult();
            return done with { BytesRead = reader.Length };
        }
        finally
        {
            if (newest is { } head) SetHead(head);
            stop.Cancel();
            ((IAsyncResult)reading).AsyncWaitHandle.WaitOne();
        }
    }

    private void SetHead(in Hash256 hash)
    {
        if (!chain.TrySetHead(hash)) throw new ChainFileException($"the imported block {hash} could not become the head");
    }

    private InsertResult CheckGenesis(Block block) => block.Hash == chain.Genesis.Hash
        ? new InsertResult(InsertStatus.AlreadyKnown, chain.Genesis)
        : new InsertResult(InsertStatus.Invalid, null, $"it is the first block of another chain; this one begins with {chain.Genesis.Hash}");

    private static string Reason(InsertResult result) => result.Status switch
    {
        InsertStatus.UnknownParent => "its parent is not here; import the blocks before it first",
        InsertStatus.ParentStateGone => "the state of its parent is not kept any more",
        _ => result.Error ?? "it is invalid",
    };

    private static bool TryTake(ChannelReader<Block> blocks, CancellationToken cancellation, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Block? block)
    {
        while (!blocks.TryRead(out block))
        {
            if (!blocks.WaitToReadAsync(cancellation).AsTask().GetAwaiter().GetResult()) return false;
        }

        return true;
    }

    private async Task ReadAsync(ChainFileReader reader, ChannelWriter<Block> decoded, CancellationToken cancellation)
    {
        Exception? fault = null;
        try
        {
            while (reader.ReadNext() is { } block)
            {
                foreach (Transaction transaction in block.Transactions) transaction.TryGetSender(chain.Crypto, out _);
                await decoded.WriteAsync(block, cancellation);
            }
        }
        catch (Exception error) when (error is ChainFileException or OperationCanceledException)
        {
            fault = error;
        }
        finally
        {
            decoded.TryComplete(fault);
        }
    }
}
