using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.ActionTests;

/// <summary>A real engine behind a connection that a test can spoil.</summary>
public sealed class FaultyEngine(IEngine inner) : IEngine
{
    /// <summary>Asked with the method's name before each call; an answer other than null is given instead of the engine's.</summary>
    public Func<string, EngineVerdict?>? Fault { get; set; }

    public int Calls { get; private set; }

    /// <summary>The forkchoice updates that reached the engine, and whether they asked for a block.</summary>
    public List<(ForkchoiceState State, bool Builds)> Forkchoices { get; } = [];

    public Task<ForkchoiceAnswer> ForkchoiceUpdatedAsync(ForkchoiceState state, PayloadAttributes? attributes, CancellationToken cancellation)
    {
        if (Ask(attributes is null ? "forkchoice" : "build") is { } fault) return Task.FromResult(new ForkchoiceAnswer(fault));
        Forkchoices.Add((state, attributes is not null));
        return inner.ForkchoiceUpdatedAsync(state, attributes, cancellation);
    }

    public Task<PayloadAnswer> GetPayloadAsync(PayloadId payload, ulong timestampSeconds, CancellationToken cancellation) =>
        Ask("getPayload") is { } fault ? Task.FromResult(new PayloadAnswer(fault)) : inner.GetPayloadAsync(payload, timestampSeconds, cancellation);

    public Task<ImportAnswer> NewPayloadAsync(PayloadEnvelope payload, CancellationToken cancellation) =>
        Ask("newPayload") is { } fault ? Task.FromResult(new ImportAnswer(fault)) : inner.NewPayloadAsync(payload, cancellation);

    public Task<Block?> BlockByLabelAsync(L2Label label, CancellationToken cancellation) => ReadAsync(() => inner.BlockByLabelAsync(label, cancellation));

    public Task<Block?> BlockByNumberAsync(ulong number, CancellationToken cancellation) => ReadAsync(() => inner.BlockByNumberAsync(number, cancellation));

    public Task<Block?> BlockByHashAsync(Hash256 hash, CancellationToken cancellation) => ReadAsync(() => inner.BlockByHashAsync(hash, cancellation));

    public Task<Hash256?> WithdrawalStorageRootAsync(BlockHeader header, CancellationToken cancellation) => inner.WithdrawalStorageRootAsync(header, cancellation);

    public Task<bool> IsSyncingAsync(CancellationToken cancellation) => inner.IsSyncingAsync(cancellation);

    private Task<Block?> ReadAsync(Func<Task<Block?>> read) =>
        Ask("read") is null ? read() : Task.FromException<Block?>(new SourceException("the engine does not answer"));

    private EngineVerdict? Ask(string method)
    {
        Calls++;
        return Fault?.Invoke(method);
    }
}
