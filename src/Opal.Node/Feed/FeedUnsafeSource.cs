using System.Globalization;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>The block feed of another node of this program. It is not trusted: every block has to carry the signature of the sequencer that L1 names.</summary>
/// <param name="connection">The node's RPC; its time-out must be longer than <see cref="FeedApi.Patience"/>.</param>
/// <param name="signers">Who may sign.</param>
/// <param name="config">The rollup.</param>
/// <param name="crypto">Recovers signers.</param>
/// <param name="relay">Takes what was good, for nodes that follow this one.</param>
public sealed class FeedUnsafeSource(IRpcClient connection, BlockSigners signers, RollupConfig config, ICrypto crypto, UnsafeFeed relay) : IUnsafeSource
{
    private readonly RollupNodeClient _node = new(connection);
    private SignedBlock? _latest;

    /// <inheritdoc/>
    public string Name => connection.Endpoint;

    /// <inheritdoc/>
    public bool Waits => true;

    /// <inheritdoc/>
    public async Task<ulong> ChainIdAsync(CancellationToken cancellation) => (await AskAsync(() => _node.RollupConfigAsync(cancellation))).L2ChainId;

    /// <inheritdoc/>
    public async Task<BlockHeader?> LatestAsync(ulong above, CancellationToken cancellation)
    {
        _latest = await ReadAsync("opal_unsafeHead", above, cancellation);
        if (_latest is not null) relay.AddHead(_latest);
        return _latest?.Block.Header;
    }

    /// <inheritdoc/>
    public async Task<Block?> BlockAsync(ulong number, CancellationToken cancellation)
    {
        if (_latest is { } latest && latest.Block.Number == number) return latest.Block;
        SignedBlock? found = await ReadAsync("opal_unsafeBlock", number, cancellation);
        if (found is null) return null;
        if (found.Block.Number != number) throw new SourceException($"{Name} gave block {found.Block.Number} for block {number}");
        relay.Add(found);
        return found.Block;
    }

    private async Task<SignedBlock?> ReadAsync(string method, ulong number, CancellationToken cancellation)
    {
        (int Version, byte[] Bytes)? answer = await AskAsync(() => connection.CallAsync<(int, byte[])?>(
            method, writer => writer.WriteQuantityValue(number), static value => value.IsNull ? null : ((int)value["version"].AsLooseUInt64(), value["message"].AsData()), cancellation));
        if (answer is not { } given) return null;
        if (!UnsafeBlockMessage.TryDecode(given.Version, given.Bytes, out UnsafeBlockMessage? message)) throw new SourceException($"{Name}: a message of {given.Bytes.Length} bytes in version {given.Version} is no unsafe block");
        if (!SignedBlock.TryRead(message!, config, out SignedBlock? signed, out string fault)) throw new SourceException($"{Name}: {fault}");
        if (!message!.TryRecoverSigner(config.L2ChainId, crypto, out Address signer)) throw new SourceException($"{Name}: block {signed!.Block.Number} carries no valid signature");
        if (await signers.CheckAsync(signer, cancellation) is { } expected)
            throw new SourceException(string.Create(CultureInfo.InvariantCulture, $"{Name}: block {signed!.Block.Number} is signed by {signer}, and the sequencer that L1 names signs as {expected}"));
        return signed;
    }

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (RpcCallException error) when (error.Code == RpcErrorCode.MethodNotFound)
        {
            throw new SourceException($"{error.Endpoint} has no block feed: give the RPC of an opal node, or an execution client with l2.follow.source", error);
        }
        catch (Exception error) when (error is RpcCallException or RpcTransportException)
        {
            throw new SourceException(error.Message, error);
        }
    }
}
