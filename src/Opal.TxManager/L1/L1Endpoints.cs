using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>The L1 providers of one account: transactions go to all of them, receipts are looked for at all, and other questions go to the best until one answers.</summary>
/// <remarks>An endpoint is used only once its chain id is known to be right.</remarks>
internal sealed class L1Endpoints
{
    private readonly Endpoint[] _all;
    private readonly LiveOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly TxMetrics _metrics;
    private volatile int _best;

    public L1Endpoints(IReadOnlyList<EthClient> clients, LiveOptions options, TimeProvider clock, ILogger logger, TxMetrics metrics)
    {
        if (clients.Count == 0) throw new ArgumentException("a transaction manager needs at least one L1 endpoint", nameof(clients));
        (_options, _clock, _logger, _metrics) = (options, clock, logger, metrics);
        _all = [.. clients.Select(static client => new Endpoint(client))];
    }

    /// <summary>The endpoints as messages name them.</summary>
    public string Names => string.Join(", ", _all.Select(static endpoint => endpoint.Name));

    /// <summary>The chain id, once an endpoint told it.</summary>
    public ulong? ChainId { get; private set; }

    /// <summary>Whether the chain ids of all endpoints that answered were found to be the same.</summary>
    public bool IsChecked { get; private set; }

    /// <summary>Whether an error is the endpoint's fault, so that another one is worth asking.</summary>
    private static bool IsFault(Exception error) => error switch
    {
        RpcTransportException => true,
        RpcCallException call => call.Code != RpcErrorCode.ExecutionReverted && !call.Error.Message.Contains("revert", StringComparison.OrdinalIgnoreCase) && PoolAnswers.Of(call) == PoolAnswer.Unknown,
        _ => false,
    };

    /// <summary>Asks every endpoint for its chain id; one that does not answer is asked again before it is first used.</summary>
    /// <exception cref="TxManagerException">Two differ, or one is not the configured chain.</exception>
    public async Task<ulong> CheckChainAsync(CancellationToken cancellation)
    {
        Exception? fault = null;
        foreach (Endpoint endpoint in _all)
        {
            try
            {
                if (!await IsRightAsync(endpoint, cancellation)) throw new TxManagerException(TxFailure.WrongChain, endpoint.Problem!);
            }
            catch (Exception error) when (IsFault(error))
            {
                fault = error;
            }
        }

        if (ChainId is not { } known) throw fault!;
        IsChecked = true;
        return known;
    }

    private async Task<bool> IsRightAsync(Endpoint endpoint, CancellationToken cancellation)
    {
        if (endpoint.ChainId is { } seen) return seen == ChainId;
        ulong id = await WithinAsync(endpoint, static (client, token) => client.ChainIdAsync(token), cancellation);
        endpoint.ChainId = id;
        ulong wanted = _options.Current.ChainId ?? ChainId ?? id;
        if (id == wanted)
        {
            ChainId = id;
            return true;
        }

        string other = _options.Current.ChainId is null ? $"{Array.Find(_all, e => e.ChainId == wanted && e != endpoint)?.Name} on chain {wanted}" : $"chain {wanted} is configured";
        endpoint.Problem = $"the L1 endpoint {endpoint.Name} is on chain {id}, but {other}: give endpoints of the same, right chain";
        _logger.LogError("Not used: {Problem}", endpoint.Problem);
        return false;
    }

    /// <summary>Asks the best endpoint, and the next one where it fails.</summary>
    public async Task<T> ReadAsync<T>(Func<EthClient, CancellationToken, Task<T>> read, CancellationToken cancellation)
    {
        Exception? first = null;
        int best = _best;
        for (int i = 0; i < _all.Length; i++)
        {
            int at = (best + i) % _all.Length;
            try
            {
                if (!await IsRightAsync(_all[at], cancellation)) continue;
                T answer = await WithinAsync(_all[at], read, cancellation);
                if (i > 0) _best = at;
                return answer;
            }
            catch (Exception error) when (IsFault(error))
            {
                first ??= error;
            }
        }

        throw first ?? NoneIsRight();
    }

    /// <summary>Asks all endpoints and gives the largest answer of those that answer.</summary>
    /// <param name="read">The question.</param>
    /// <param name="makesBest">Whether the endpoint with the largest answer becomes the one that is asked first.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<ulong> LargestAsync(Func<EthClient, CancellationToken, Task<ulong>> read, bool makesBest, CancellationToken cancellation)
    {
        (ulong? Value, Exception? Fault)[] answers = await AllAsync(async (client, token) => (ulong?)await read(client, token), cancellation);
        ulong? largest = null;
        int where = _best;
        for (int i = 0; i < answers.Length; i++)
        {
            int at = (_best + i) % answers.Length;
            if (answers[at].Value is not { } value || value <= largest) continue;
            (largest, where) = (value, at);
        }

        if (makesBest) _best = where;
        return largest ?? throw FaultOf(answers);
    }

    /// <summary>The account's next nonce: the largest that an endpoint knows.</summary>
    public Task<ulong> NextNonceAsync(Address account, BlockParameter block, CancellationToken cancellation) =>
        LargestAsync((client, token) => client.GetTransactionCountAsync(account, block, token), makesBest: false, cancellation);

    /// <summary>Offers a transaction to all pools; returns when one has taken it, or all have answered.</summary>
    public async Task<Publication> PublishAsync(ReadOnlyMemory<byte> encoded, CancellationToken cancellation)
    {
        List<Task<Publication>> offers = [.. _all.Select(endpoint => OfferAsync(endpoint, encoded, cancellation))];
        var best = Publication.Of(PoolAnswer.Refused, "no L1 endpoint is on the right chain");
        while (offers.Count > 0)
        {
            Task<Publication> done = await Task.WhenAny(offers);
            offers.Remove(done);
            best = best.With(await done);
            if (best.Answer == PoolAnswer.Taken) break; // the others take it, or are told again when they are found to lack it
        }

        return best;
    }

    private async Task<Publication> OfferAsync(Endpoint endpoint, ReadOnlyMemory<byte> encoded, CancellationToken cancellation)
    {
        try
        {
            if (!await IsRightAsync(endpoint, cancellation)) return Publication.Of(PoolAnswer.Refused, endpoint.Problem!);
            await WithinAsync(endpoint, (client, token) => client.SendRawTransactionAsync(encoded, token), cancellation);
            return Publication.Of(PoolAnswer.Taken, "");
        }
        catch (RpcCallException error)
        {
            return Publication.Of(PoolAnswers.Of(error, _options.Current.AlreadyPublishedErrors), error.Error.Message);
        }
        catch (RpcTransportException error)
        {
            return Publication.Of(PoolAnswer.NoAnswer, error.Message);
        }
    }

    /// <summary>Looks at every endpoint for the receipt of one of some transactions, the last first.</summary>
    /// <returns>The receipt that is deepest, with the blocks it is deep (0 where the endpoint's head is behind it); null when no endpoint has one.</returns>
    /// <remarks>A receipt counts by the head of the endpoint that has it: a node left on a dead fork confirms nothing.</remarks>
    public async Task<(TxReceiptInfo Receipt, ulong Depth)?> FindReceiptAsync(IReadOnlyList<Hash256> transactions, CancellationToken cancellation)
    {
        ((TxReceiptInfo, ulong)? Found, bool HasAnswered, Exception? Fault)[] answers = await Task.WhenAll(_all.Select(async endpoint =>
        {
            try
            {
                if (!await IsRightAsync(endpoint, cancellation)) return ((ValueTuple<TxReceiptInfo, ulong>?)null, false, (Exception?)null);
                if (await FindReceiptAsync(endpoint, transactions, cancellation) is not { } receipt) return (null, true, null);
                ulong head = await WithinAsync(endpoint, static (client, token) => client.BlockNumberAsync(token), cancellation);
                return ((receipt, head >= receipt.Block.Number ? head + 1 - receipt.Block.Number : 0), true, null);
            }
            catch (Exception error) when (error is RpcTransportException or RpcCallException)
            {
                return (null, false, error);
            }
        }));
        (TxReceiptInfo Receipt, ulong Depth)? best = null;
        foreach (((TxReceiptInfo Receipt, ulong Depth)? found, _, _) in answers)
        {
            if (found is { } it && (best is null || it.Depth > best.Value.Depth)) best = it;
        }

        if (best is null && !Array.Exists(answers, static a => a.HasAnswered)) throw Array.Find(answers, static a => a.Fault is not null).Fault ?? NoneIsRight();
        return best;
    }

    private async Task<TxReceiptInfo?> FindReceiptAsync(Endpoint endpoint, IReadOnlyList<Hash256> transactions, CancellationToken cancellation)
    {
        for (int i = transactions.Count - 1; i >= 0; i--)
        {
            Hash256 hash = transactions[i];
            if (await WithinAsync(endpoint, (client, token) => client.FindReceiptAsync(hash, token), cancellation) is { } receipt) return receipt;
        }

        return null;
    }

    /// <summary>
    /// Whether an endpoint says both: that a nonce is used, and that none of its versions has a receipt. Of two endpoints one may say the first, and the other,
    /// which is behind, the second: that is no news.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="nonce">The nonce.</param>
    /// <param name="versions">The account's own transactions with that nonce.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<bool> IsUsedByAnotherAsync(Address account, ulong nonce, IReadOnlyList<Hash256> versions, CancellationToken cancellation)
    {
        bool[] answers = await Task.WhenAll(_all.Select(async endpoint =>
        {
            try
            {
                // the count first: a receipt that is there then is seen after it
                return await IsRightAsync(endpoint, cancellation)
                    && await WithinAsync(endpoint, (client, token) => client.GetTransactionCountAsync(account, BlockParameter.Latest, token), cancellation) > nonce
                    && await FindReceiptAsync(endpoint, versions, cancellation) is null;
            }
            catch (Exception error) when (error is RpcTransportException or RpcCallException)
            {
                return false;
            }
        }));
        return Array.Exists(answers, static says => says);
    }

    /// <summary>Whether some endpoint says that it does not know a transaction, in its pool or mined, and whether all say so.</summary>
    public async Task<(bool SomeLack, bool AllLack)> LookForAsync(Hash256 transaction, CancellationToken cancellation)
    {
        (bool? Holds, Exception? Fault)[] answers = await AllAsync(
            async (client, token) => (bool?)await client.Rpc.CallAsync("eth_getTransactionByHash", writer => writer.WriteHashValue(transaction), static value => !value.IsNull, token), cancellation);
        return (Array.Exists(answers, static a => a.Holds == false), Array.TrueForAll(answers, static a => a.Holds == false));
    }

    private Task<(T? Value, Exception? Fault)[]> AllAsync<T>(Func<EthClient, CancellationToken, Task<T?>> ask, CancellationToken cancellation) =>
        Task.WhenAll(_all.Select(async endpoint =>
        {
            try
            {
                return await IsRightAsync(endpoint, cancellation) ? (await WithinAsync(endpoint, ask, cancellation), (Exception?)null) : (default, null);
            }
            catch (Exception error) when (error is RpcTransportException or RpcCallException)
            {
                return (default(T?), error);
            }
        }));

    private Exception FaultOf<T>((T? Value, Exception? Fault)[] answers) => Array.Find(answers, static a => a.Fault is not null).Fault ?? NoneIsRight();

    private TxManagerException NoneIsRight() => new(TxFailure.WrongChain, Array.Find(_all, static e => e.Problem is not null)?.Problem ?? "no L1 endpoint can be used");

    /// <exception cref="RpcTransportException">No answer came in time, or none at all.</exception>
    private async Task<T> WithinAsync<T>(Endpoint endpoint, Func<EthClient, CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        TimeSpan limit = _options.Current.NetworkTimeout;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<T> running = call(endpoint.Client, end.Token);
        try
        {
            return await running.WaitAsync(limit, _clock, cancellation);
        }
        catch (TimeoutException) when (!running.IsCompleted)
        {
            end.Cancel();
            _metrics.Unanswered(endpoint.Name);
            throw new RpcTransportException("a request", endpoint.Name, $"no answer within {limit.TotalSeconds:0.#} s", isTransient: true);
        }
        catch (RpcTransportException)
        {
            _metrics.Unanswered(endpoint.Name);
            throw;
        }
    }

    private sealed class Endpoint(EthClient client)
    {
        public EthClient Client { get; } = client;

        public string Name => Client.Rpc.Endpoint;

        public ulong? ChainId { get; set; }

        public string? Problem { get; set; }
    }
}
