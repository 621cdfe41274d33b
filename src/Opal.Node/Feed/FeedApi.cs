using System.Text.Json;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>
/// The block feed: opal_unsafeHead(above) answers with the newest signed unsafe block once it is above a height, or after some seconds as it is;
/// opal_unsafeBlock(number) with the one of a height. Methods of this program's own, for nodes that follow this one (l2.follow.feed).
/// </summary>
/// <param name="feed">The blocks.</param>
/// <param name="signer">Signs older blocks of this sequencer's chain when asked; null on a node that passes on what it gets.</param>
/// <param name="engine">Has the older blocks.</param>
/// <param name="config">The rollup.</param>
/// <param name="status">The heads.</param>
/// <param name="time">The clock.</param>
public sealed class FeedApi(UnsafeFeed feed, IPayloadSigner? signer, IEngine engine, RollupConfig config, Func<SyncStatus> status, TimeProvider time)
{
    /// <summary>How long a caller waits for the next block at most.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(8);

    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("opal_unsafeHead", async (parameters, _, cancellation) =>
        {
            parameters.RequireAtMost(1);
            ulong above = parameters.GetQuantityOrNull(0) ?? 0;
            if (signer is not null && feed.Newest is null && status().UnsafeL2.Number is var head && head > above) return await AtAsync(head, cancellation);
            return Answer(await feed.AboveAsync(above, Patience, time, cancellation));
        });
        registry.Register("opal_unsafeBlock", (parameters, _, cancellation) =>
        {
            parameters.RequireAtMost(1);
            return AtAsync(parameters.GetQuantity(0), cancellation);
        });
    }

    private async ValueTask<RpcResult> AtAsync(ulong number, CancellationToken cancellation)
    {
        if (feed.At(number) is { } kept) return Answer(kept);
        if (signer is null || number == config.GenesisL2.Number || number > status().UnsafeL2.Number) return Answer(null);
        try
        {
            return Answer(await engine.BlockByNumberAsync(number, cancellation) is { } block ? SignedBlock.Create(block, config, signer) : null);
        }
        catch (SourceException error)
        {
            return RpcResult.Fail(RpcErrorCode.ServerError, error.Message);
        }
    }

    private static RpcResult Answer(SignedBlock? block) => RpcResult.Json(writer => Write(writer, block));

    private static void Write(Utf8JsonWriter writer, SignedBlock? block)
    {
        if (block is null)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteNumber("version"u8, block.Message.Version);
        writer.WritePropertyName("message"u8);
        writer.WriteDataValue(block.Message.Encode());
        writer.WriteEndObject();
    }
}
