using Opal.Primitives;

namespace Opal.Node;

/// <summary>Who may sign unsafe blocks: the address that L1's SystemConfig holds, read anew from time to time, and when a block is signed by another.</summary>
/// <param name="read">Reads it from L1; throws <see cref="SourceException"/>.</param>
/// <param name="reload">How long it is believed (l1.runtime-config-reload-interval).</param>
/// <param name="time">The clock.</param>
/// <remarks>Spec: protocol/rollup-node-p2p.md#block-signatures; SystemConfig, unsafeBlockSigner.</remarks>
public sealed class BlockSigners(Func<CancellationToken, Task<Address>> read, TimeSpan reload, TimeProvider time)
{
    /// <summary>Between two looks because of a strange signature.</summary>
    private static readonly TimeSpan s_doubt = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private Task<Address>? _known;
    private DateTimeOffset _readAt;

    /// <summary>Null: this is the signer. Else the address that it should have been.</summary>
    /// <exception cref="SourceException">It cannot be read.</exception>
    public async Task<Address?> CheckAsync(Address signer, CancellationToken cancellation)
    {
        Address known = await KnownAsync(reload, cancellation);
        if (known == signer) return null;
        known = await KnownAsync(s_doubt < reload ? s_doubt : reload, cancellation);
        return known == signer ? null : known;
    }

    private Task<Address> KnownAsync(TimeSpan believed, CancellationToken cancellation)
    {
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            if (_known is null or { IsFaulted: true } or { IsCanceled: true } || (_known.IsCompleted && now - _readAt >= believed)) (_known, _readAt) = (read(cancellation), now);
            return _known;
        }
    }
}
