using Microsoft.Extensions.Logging;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>L1 over JSON-RPC, from one or several endpoints.</summary>
/// <remarks>
/// <para>
/// Endpoints are asked in the order given; failing ones come last while they wait out their back-off. An answer that does not fit its hash is a failure of its endpoint, like no
/// answer. When all have failed, they are gone through again after a wait, and then the question fails with <see cref="SourceException"/>.
/// </para>
/// <para>
/// What no hash can show: that a block is the canonical one of its height. A block that does not link to the one given before or after it is asked for once more, from
/// another endpoint first; the finalized block needs the others' consent (<see cref="FinalizedAgreement"/>); a block with transactions that cannot be checked, a second
/// endpoint's (<see cref="OpaqueBlocks"/>).
/// </para>
/// </remarks>
public sealed class RpcL1Source : IL1Source
{
    private const int BlocksRemembered = 256;

    private readonly IReadOnlyList<L1Endpoint> _endpoints;
    private readonly L1SourceOptions _options;
    private readonly ILogger _logger;
    private readonly HedgedCall _hedged;
    private readonly FinalizedAgreement _agreement;
    private readonly OpaqueBlocks _opaque;
    private readonly Lock _lock = new();
    private readonly BoundedCache<ulong, L1BlockRef> _given = new(BlocksRemembered);
    private readonly BoundedCache<Hash256, IReadOnlyList<Hash256>> _hashes = new(BlocksRemembered);

    /// <summary>A source over endpoints, at least one, the preferred one first.</summary>
    public RpcL1Source(IReadOnlyList<L1Endpoint> endpoints, L1SourceOptions options, ILogger logger)
    {
        (_endpoints, _options, _logger) = (endpoints, options, logger);
        _hedged = new HedgedCall(options.Clock, options.LeastPatience);
        _agreement = new FinalizedAgreement(endpoints, logger);
        _opaque = new OpaqueBlocks(endpoints, logger);
    }

    /// <inheritdoc/>
    public Task<BlockHeader?> HeaderByLabelAsync(L1Label label, CancellationToken cancellation) => label switch
    {
        L1Label.Head => HeadAsync(cancellation),
        L1Label.Safe => AskAsync((client, end) => LabelAsync(client, BlockParameter.Safe, end), cancellation),
        _ => FinalizedAsync(cancellation),
    };

    /// <inheritdoc/>
    public Task<BlockHeader?> HeaderByNumberAsync(ulong number, CancellationToken cancellation) =>
        AskAsync((client, end) => client.FindHeaderAsync(BlockParameter.At(number), end), cancellation);

    /// <inheritdoc/>
    public Task<BlockHeader?> HeaderByHashAsync(Hash256 hash, CancellationToken cancellation) =>
        AskAsync((client, end) => client.FindHeaderAsync(BlockParameter.At(hash), end), cancellation);

    /// <inheritdoc/>
    public async Task<L1Block?> BlockByNumberAsync(ulong number, CancellationToken cancellation)
    {
        Asked<L1BlockAnswer> asked = await AskAsync((client, end) => client.FindBlockAsync(BlockParameter.At(number), end), InOrder(), cancellation);
        if (asked is not { Answer: { } answer, From: { } from }) return null;
        if (!Links(answer.Header)) (answer, from) = await LookAgainAsync(answer, from, cancellation);
        if (!answer.IsVerified) answer = await _opaque.ConfirmAsync(answer, from, cancellation);
        var block = new L1Block(answer.Header, answer.Transactions);
        lock (_lock)
        {
            _given.Set(number, block.Ref);
            _hashes.Set(block.Hash, answer.Hashes);
        }

        return block;
    }

    /// <inheritdoc/>
    public async Task<L1Receipts?> ReceiptsAsync(BlockHeader header, CancellationToken cancellation)
    {
        IReadOnlyList<Hash256>? hashes;
        lock (_lock) _hashes.TryGet(header.Hash, out hashes);
        return await AskAsync((client, end) => ReceiptsAsync(client, header, hashes, end), cancellation);
    }

    private static async Task<BlockHeader?> LabelAsync(L1Client client, BlockParameter block, CancellationToken cancellation)
    {
        try
        {
            return await client.FindHeaderAsync(block, cancellation);
        }
        catch (RpcCallException error) when (UnknownBlock.IsMeantBy(error))
        {
            return null;
        }
    }

    private static async Task<L1Receipts?> ReceiptsAsync(L1Client client, BlockHeader header, IReadOnlyList<Hash256>? transactions, CancellationToken cancellation)
    {
        try
        {
            return new L1Receipts(header.Hash, await client.GetReceiptsAsync(header, transactions, cancellation));
        }
        catch (Exception error) when (error is RpcCallException or RpcTransportException { IsTransient: false })
        {
            // A block that was reorganised away has no receipts any more; a provider that still has the block must have them.
            if (await client.FindHeaderAsync(BlockParameter.At(header.Hash), cancellation) is null) return null;
            throw;
        }
    }

    /// <summary>The head. One that is old says that its endpoint stands still, while it answers well: the others are asked too, and the newest counts.</summary>
    private async Task<BlockHeader?> HeadAsync(CancellationToken cancellation)
    {
        List<L1Endpoint> left = InOrder();
        Asked<BlockHeader> best = await AskAsync(AskHead, left, cancellation);
        if (best is not { Answer: { } head, From: { } from } || _endpoints.Count == 1 || !IsOld(head)) return best.Answer;
        left.Remove(from);
        foreach (L1Endpoint other in left)
        {
            Asked<BlockHeader> asked = await _hedged.RunAsync([other], (endpoint, end) => AskHead(endpoint.Client, end), [], cancellation);
            if (asked.Answer is not { } newer || newer.Number <= head.Number || newer.Timestamp <= head.Timestamp) continue;
            _logger.LogWarning("L1 endpoint {Endpoint} stands still at block {Number}; {Other} is at {OtherNumber}", from.Name, head.Number, other.Name, newer.Number);
            from.Health.Failed();
            (head, from) = (newer, other);
        }

        return head;

        static Task<BlockHeader?> AskHead(L1Client client, CancellationToken end) => client.FindHeaderAsync(BlockParameter.Latest, end);
    }

    private bool IsOld(BlockHeader head) => _options.Clock.GetUtcNow().ToUnixTimeSeconds() - _options.OldHead.TotalSeconds > head.Timestamp;

    /// <summary>The finalized header of the first endpoint whose word the others do not contradict.</summary>
    private async Task<BlockHeader?> FinalizedAsync(CancellationToken cancellation)
    {
        List<L1Endpoint> left = InOrder();
        string? objection = null;
        while (left.Count > 0)
        {
            Asked<BlockHeader> asked = await AskAsync((client, end) => LabelAsync(client, BlockParameter.Finalized, end), left, cancellation);
            if (asked is not { Answer: { } header, From: { } from }) break;
            string? found = await _agreement.FindObjectionAsync(header, from, cancellation);
            if (found is null) return header;
            objection ??= found;
            left.Remove(from);
        }

        return objection is null ? null : throw new SourceException($"L1: {objection}");
    }

    /// <summary>Whether a block fits those of the heights around it that were given before.</summary>
    private bool Links(BlockHeader header)
    {
        lock (_lock)
        {
            return (header.Number == 0 || !_given.TryGet(header.Number - 1, out L1BlockRef below) || below.Hash == header.ParentHash)
                && (!_given.TryGet(header.Number + 1, out L1BlockRef above) || above.ParentHash == header.Hash);
        }
    }

    /// <summary>A block that does not link is a reorganisation, or an endpoint that is wrong or behind: a second answer tells. The one that links wins, else the second.</summary>
    private async Task<(L1BlockAnswer Answer, L1Endpoint From)> LookAgainAsync(L1BlockAnswer first, L1Endpoint from, CancellationToken cancellation)
    {
        List<L1Endpoint> order = InOrder();
        if (order.Remove(from)) order.Add(from);
        Asked<L1BlockAnswer> asked = await AskAsync((client, end) => client.FindBlockAsync(BlockParameter.At(first.Header.Number), end), order, cancellation);
        if (asked is not { Answer: { } second, From: { } other } || second.Header.Hash == first.Header.Hash) return (first, from);
        _logger.LogWarning(
            "L1 block {Number} does not link to its neighbours: {Hash} says {Endpoint}, {OtherHash} says {OtherEndpoint}", first.Header.Number, first.Header.Hash, from.Name, second.Header.Hash, other.Name);
        if (Links(second.Header) && other != from) from.Health.Failed();
        return (second, other);
    }

    /// <summary>The wait after a round without an answer: doubling, or as long as an endpoint asked for, within limits.</summary>
    private TimeSpan WaitAfter(int round, List<Exception> failures)
    {
        TimeSpan own = _options.FirstWait * Math.Pow(2, round - 1);
        TimeSpan asked = failures.Select(static failure => (failure as RpcTransportException)?.RetryAfter ?? TimeSpan.Zero).Min();
        return asked < own ? own : asked < _options.LongestWait ? asked : _options.LongestWait;
    }

    private List<L1Endpoint> InOrder() => [.. _endpoints.OrderBy(static endpoint => endpoint.Health.IsDue ? DateTimeOffset.MinValue : endpoint.Health.NotBefore)];

    private async Task<T?> AskAsync<T>(Func<L1Client, CancellationToken, Task<T?>> ask, CancellationToken cancellation)
        where T : class => (await AskAsync(ask, InOrder(), cancellation)).Answer;

    private async Task<Asked<T>> AskAsync<T>(Func<L1Client, CancellationToken, Task<T?>> ask, IReadOnlyList<L1Endpoint> order, CancellationToken cancellation)
        where T : class
    {
        for (int round = 1; ; round++)
        {
            var failures = new List<Exception>();
            Asked<T> asked = await _hedged.RunAsync(order, (endpoint, end) => ask(endpoint.Client, end), failures, cancellation);
            if (asked.Answer is not null || asked.IsAbsent) return asked;
            if (round >= _options.Rounds) throw new SourceException($"L1: {string.Join("; ", failures.Select(static failure => failure.Message))}", failures[^1]);
            await Task.Delay(WaitAfter(round, failures), _options.Clock, cancellation);
        }
    }
}
