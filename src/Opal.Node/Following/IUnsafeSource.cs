using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>Where unsafe blocks come from while there is no peer-to-peer network. Reads throw <see cref="SourceException"/> when there is no usable answer.</summary>
public interface IUnsafeSource
{
    /// <summary>What it is called in messages; holds no secrets.</summary>
    string Name { get; }

    /// <summary>The chain it serves.</summary>
    Task<ulong> ChainIdAsync(CancellationToken cancellation);

    /// <summary>Whether <see cref="LatestAsync"/> waits for the next block, so that it may be asked again at once.</summary>
    bool Waits { get; }

    /// <summary>The header of its latest block; null when it has none.</summary>
    /// <param name="above">A source that can wait does so, for some seconds at most, until its latest block is above this height.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<BlockHeader?> LatestAsync(ulong above, CancellationToken cancellation);

    /// <summary>The block of a height, its transactions checked against its hash; null when there is none.</summary>
    Task<Block?> BlockAsync(ulong number, CancellationToken cancellation);
}

/// <summary>An execution client of the same chain. It is not trusted: what it says of a block has to fit the block's hash.</summary>
public sealed class RpcUnsafeSource(IRpcClient connection) : IUnsafeSource
{
    private readonly EthClient _eth = new(connection);

    /// <inheritdoc/>
    public string Name => connection.Endpoint;

    /// <inheritdoc/>
    public Task<ulong> ChainIdAsync(CancellationToken cancellation) => AskAsync(() => _eth.ChainIdAsync(cancellation));

    /// <inheritdoc/>
    public bool Waits => false;

    /// <inheritdoc/>
    public Task<BlockHeader?> LatestAsync(ulong above, CancellationToken cancellation) => AskAsync(() => _eth.FindHeaderAsync(BlockParameter.Latest, cancellation));

    /// <inheritdoc/>
    public Task<Block?> BlockAsync(ulong number, CancellationToken cancellation) => AskAsync(() => _eth.FindBlockAsync(BlockParameter.At(number), cancellation));

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception error) when (error is RpcCallException or RpcTransportException)
        {
            throw new SourceException(error.Message, error);
        }
    }
}
