using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>An execution engine over its Engine API and the eth methods served beside it.</summary>
/// <param name="engine">The Engine API.</param>
/// <param name="eth">Reads; a client that trusts the engine, since it is the operator's own.</param>
/// <param name="config">The rollup.</param>
public sealed class RpcEngine(EngineClient engine, EthClient eth, RollupConfig config) : IEngine
{
    /// <summary>Both roles over one authenticated connection.</summary>
    public RpcEngine(IRpcClient connection, RollupConfig config)
        : this(new EngineClient(connection, config.Forks), new EthClient(connection, trusted: true), config)
    {
    }

    /// <inheritdoc/>
    public async Task<ForkchoiceAnswer> ForkchoiceUpdatedAsync(ForkchoiceState state, PayloadAttributes? attributes, CancellationToken cancellation)
    {
        try
        {
            ForkchoiceResult result = await engine.ForkchoiceUpdatedAsync(state, attributes, cancellation);
            return new ForkchoiceAnswer(VerdictOf(result.Status.Verdict), result.PayloadId, result.Status.ValidationError);
        }
        catch (Exception error) when (error is RpcCallException or RpcTransportException)
        {
            return new ForkchoiceAnswer(VerdictOf(error), null, error.Message);
        }
    }

    /// <inheritdoc/>
    public async Task<PayloadAnswer> GetPayloadAsync(PayloadId payload, ulong timestampSeconds, CancellationToken cancellation)
    {
        try
        {
            return new PayloadAnswer(EngineVerdict.Valid, await engine.GetPayloadAsync(payload, timestampSeconds, cancellation));
        }
        catch (Exception error) when (error is RpcCallException or RpcTransportException)
        {
            return new PayloadAnswer(VerdictOf(error), null, error.Message);
        }
    }

    /// <inheritdoc/>
    public async Task<ImportAnswer> NewPayloadAsync(PayloadEnvelope payload, CancellationToken cancellation)
    {
        try
        {
            PayloadStatus status = await engine.NewPayloadAsync(payload.Payload, payload.ParentBeaconBlockRoot, cancellation);
            return new ImportAnswer(VerdictOf(status.Verdict), status.ValidationError);
        }
        catch (Exception error) when (error is RpcCallException or RpcTransportException)
        {
            return new ImportAnswer(VerdictOf(error), error.Message);
        }
    }

    /// <inheritdoc/>
    public Task<Block?> BlockByLabelAsync(L2Label label, CancellationToken cancellation) => FindAsync(label switch
    {
        L2Label.Unsafe => BlockParameter.Latest,
        L2Label.Safe => BlockParameter.Safe,
        _ => BlockParameter.Finalized,
    }, mayBeUnknown: label != L2Label.Unsafe, cancellation);

    /// <inheritdoc/>
    public Task<Block?> BlockByNumberAsync(ulong number, CancellationToken cancellation) => FindAsync(BlockParameter.At(number), false, cancellation);

    /// <inheritdoc/>
    public Task<Block?> BlockByHashAsync(Hash256 hash, CancellationToken cancellation) => FindAsync(BlockParameter.At(hash), false, cancellation);

    /// <inheritdoc/>
    public async Task<bool> IsSyncingAsync(CancellationToken cancellation)
    {
        try
        {
            return await eth.IsSyncingAsync(cancellation);
        }
        catch (Exception error) when (error is RpcCallException or RpcTransportException)
        {
            throw new SourceException($"engine: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public async Task<Hash256?> WithdrawalStorageRootAsync(BlockHeader header, CancellationToken cancellation)
    {
        if (config.IsActive(OptimismFork.Isthmus, new L2Time(header.Timestamp))) return header.WithdrawalsRoot;
        try
        {
            EthProof proof = await eth.GetProofAsync(Predeploys.L2ToL1MessagePasser, [], BlockParameter.At(header.Hash), cancellation);
            if (!proof.TryVerify(header.StateRoot, out string problem)) throw new SourceException($"engine: {problem}");
            return proof.StorageHash.IsZero ? Hash256.EmptyTrie : proof.StorageHash;
        }
        catch (RpcCallException)
        {
            // the state of that block is not kept any more
            return null;
        }
        catch (RpcTransportException error)
        {
            throw new SourceException($"engine: {error.Message}", error);
        }
    }

    private async Task<Block?> FindAsync(BlockParameter block, bool mayBeUnknown, CancellationToken cancellation)
    {
        try
        {
            return await eth.FindBlockAsync(block, cancellation);
        }
        catch (RpcCallException error) when (mayBeUnknown && UnknownBlock.IsMeantBy(error))
        {
            return null;
        }
        catch (Exception error) when (error is RpcCallException or RpcTransportException)
        {
            throw new SourceException($"engine: {error.Message}", error);
        }
    }

    private static EngineVerdict VerdictOf(PayloadVerdict verdict) => verdict switch
    {
        PayloadVerdict.Valid => EngineVerdict.Valid,
        PayloadVerdict.Syncing => EngineVerdict.Syncing,
        PayloadVerdict.Accepted => EngineVerdict.Accepted,
        _ => EngineVerdict.Invalid,
    };

    private static EngineVerdict VerdictOf(Exception error) => error is not RpcCallException refused ? EngineVerdict.Unreachable : refused.Code switch
    {
        RpcErrorCode.UnknownPayload => EngineVerdict.UnknownPayload,
        RpcErrorCode.InvalidForkchoiceState => EngineVerdict.InvalidForkchoiceState,
        RpcErrorCode.InvalidPayloadAttributes => EngineVerdict.InvalidAttributes,
        RpcErrorCode.TimedOut or RpcErrorCode.ServerError or RpcErrorCode.InternalError => EngineVerdict.Unreachable,
        _ => EngineVerdict.Refused,
    };
}
