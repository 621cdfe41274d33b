using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The part of the <c>eth</c> namespace that sends transactions: into the pool, or on to the sequencer.</summary>
public sealed class EthSendApi(Blockchain chain, TransactionPool pool, ICrypto crypto, ExecutionClientOptions options, ILogger logger)
{
    private static readonly TimeSpan DefaultSyncTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxSyncTimeout = TimeSpan.FromMinutes(1);

    private readonly RpcJson _json = new(crypto);
    private readonly bool _poolsToo = options.PoolAdmission ?? options.Sequencer is null;

    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("eth_sendRawTransaction", async (parameters, _, cancellation) =>
        {
            (Hash256 hash, RpcError? error) = await SendAsync(parameters.GetData(0), null, cancellation);
            return error is null ? RpcResult.Hash(hash) : RpcResult.Fail(error);
        });
        registry.Register("eth_sendRawTransactionSync", SendSyncAsync);
    }

    /// <summary>Checks a transaction, and pools it or sends it on; the hash, or why not.</summary>
    internal async Task<(Hash256 Hash, RpcError? Error)> SendAsync(byte[] encoded, TransactionCondition? condition, CancellationToken cancellation)
    {
        if (Decode(encoded, out PooledTransaction? pooled) is { } refused) return (default, Refusal(refused));
        Transaction transaction = pooled!.Transaction;
        if (options.Sequencer is not null)
        {
            (_, RpcError? error) = await ForwardAsync("eth_sendRawTransaction", encoded, null, cancellation);
            if (error is not null) return (default, error);
            if (_poolsToo) PoolQuietly(pooled);
            return (transaction.Hash, null);
        }

        PoolAddResult result = pool.Add(transaction, pooled.Sidecar, isLocal: true, condition);
        if (!result.IsAccepted) return (default, Refusal(result.Message));
        logger.LogDebug("Transaction {Hash} pooled", transaction.Hash);
        return (transaction.Hash, null);
    }

    /// <summary>Decodes a transaction and applies this endpoint's policy; why it is refused, or null.</summary>
    private string? Decode(byte[] encoded, out PooledTransaction? pooled)
    {
        if (!PooledTransaction.TryDecode(encoded, crypto, out pooled, out TransactionError decoding))
        {
            // a blob transaction without its blobs is one only a block may hold
            bool bare = encoded is [(byte)TransactionType.Blob, ..] && Transaction.TryDecode(encoded, out _, out _);
            return bare ? "missing sidecar in blob transaction" : TransactionErrorText.Of(decoding);
        }

        return CheckPolicy(pooled!.Transaction);
    }

    private static RpcError Refusal(string message) => new(RpcErrorCode.ServerError, message);

    /// <summary>What this endpoint refuses though the protocol would not; null when nothing.</summary>
    private string? CheckPolicy(Transaction transaction)
    {
        if (transaction.Type == TransactionType.Legacy && transaction.ChainId is null && !options.AllowUnprotectedTransactions)
        {
            return "only replay-protected (EIP-155) transactions allowed over RPC";
        }

        if (options.RpcTransactionFeeCap.IsZero) return null;
        if (!UInt256.TryMultiply(transaction.MaxFeePerGas, new UInt256(transaction.GasLimit), out UInt256 fee)) fee = UInt256.MaxValue;
        return fee <= options.RpcTransactionFeeCap ? null
            : $"tx fee ({InEther(fee)} ether) exceeds the configured cap ({InEther(options.RpcTransactionFeeCap)} ether)";
    }

    /// <summary>With two decimals, rounded down.</summary>
    private static string InEther(in UInt256 wei)
    {
        UInt256.DivRem(wei, new UInt256(10_000_000_000_000_000), out UInt256 hundredths, out _);
        UInt256.DivRem(hundredths, new UInt256(100), out UInt256 whole, out UInt256 rest);
        return $"{whole}.{rest.U0.ToString("00", CultureInfo.InvariantCulture)}";
    }

    /// <summary>Sends a transaction on to the sequencer, after this endpoint's own checks.</summary>
    /// <param name="method">The method there.</param>
    /// <param name="encoded">The transaction.</param>
    /// <param name="condition">A second parameter, as it was given here; null for none.</param>
    /// <param name="cancellation">Gives up.</param>
    internal async Task<(Hash256 Hash, RpcError? Error)> ForwardAsync(string method, byte[] encoded, JsonElement? condition, CancellationToken cancellation)
    {
        if (Decode(encoded, out PooledTransaction? pooled) is { } refused) return (default, Refusal(refused));
        try
        {
            var request = new RpcRequest(method, json =>
            {
                json.WriteDataValue(encoded);
                condition?.WriteTo(json);
            });
            return (pooled!.Transaction.Hash, (await options.Sequencer!.SendAsync([request], cancellation))[0].Error);
        }
        catch (RpcTransportException error)
        {
            return (default, new RpcError(RpcErrorCode.ServerError, $"the sequencer could not be reached: {error.Message}"));
        }
    }

    private void PoolQuietly(PooledTransaction pooled)
    {
        PoolAddResult result = pool.Add(pooled.Transaction, pooled.Sidecar, isLocal: true);
        if (!result.IsAccepted) logger.LogDebug("Transaction {Hash} went to the sequencer, but is not pooled here: {Reason}", pooled.Transaction.Hash, result.Message);
    }

    /// <summary>Sends, then waits for the receipt; after the timeout the transaction goes on waiting in the pool.</summary>
    private async ValueTask<RpcResult> SendSyncAsync(RpcParams parameters, RpcContext context, CancellationToken cancellation)
    {
        TimeSpan timeout = DefaultSyncTimeout;
        if (parameters.Has(1))
        {
            ulong milliseconds = parameters.GetNumber(1);
            if (milliseconds > 0) timeout = milliseconds < MaxSyncTimeout.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : MaxSyncTimeout;
        }

        var included = new TaskCompletionSource<TransactionLocation>(TaskCreationOptions.RunContinuationsAsynchronously);
        Hash256 wanted = default;
        void Look()
        {
            if (chain.TryFindTransaction(wanted, out TransactionLocation location)) included.TrySetResult(location);
        }

        void OnHeadChanged(ChainUpdate update) => Look();

        byte[] encoded = parameters.GetData(0);
        wanted = Keccak256.Hash(encoded);
        chain.HeadChanged += OnHeadChanged;
        try
        {
            (Hash256 hash, RpcError? error) = await SendAsync(encoded, null, cancellation);
            if (error is not null) return RpcResult.Fail(error);
            if (hash != wanted)
            {
                // a blob transaction's hash is that of its form without blobs
                wanted = hash;
                Look();
            }

            TransactionLocation location = await included.Task.WaitAsync(timeout, cancellation);
            return RpcResult.Json(json => _json.WriteReceipt(json, location));
        }
        catch (TimeoutException)
        {
            return RpcResult.Fail(4, $"The transaction was added to the transaction pool but wasn't processed in {timeout.TotalSeconds:0.###}s", wanted.ToString());
        }
        finally
        {
            chain.HeadChanged -= OnHeadChanged;
        }
    }
}
