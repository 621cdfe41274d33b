using System.Globalization;
using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>The <c>txpool</c> namespace.</summary>
public sealed class TxPoolApi(TransactionPool pool, ICrypto crypto)
{
    private readonly RpcJson _json = new(crypto);

    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("txpool_status", _ => Status());
        registry.Register("txpool_content", _ => Content(_json.WritePending));
        registry.Register("txpool_inspect", _ => Content(static (json, t) => json.WriteStringValue(Summary(t))));
        registry.Register("txpool_contentFrom", ContentFrom);
    }

    private RpcResult Status()
    {
        (int pending, int queued) = pool.Count();
        return RpcResult.Json(json =>
        {
            json.WriteStartObject();
            json.WriteQuantity("pending"u8, (ulong)pending);
            json.WriteQuantity("queued"u8, (ulong)queued);
            json.WriteEndObject();
        });
    }

    private RpcResult Content(Action<Utf8JsonWriter, PoolTransaction> write)
    {
        IReadOnlyList<SenderContent> content = pool.Content();
        return RpcResult.Json(json =>
        {
            json.WriteStartObject();
            WriteGroup(json, "pending", content, static c => c.Pending, write);
            WriteGroup(json, "queued", content, static c => c.Queued, write);
            json.WriteEndObject();
        });
    }

    private static void WriteGroup(
        Utf8JsonWriter json, string name, IReadOnlyList<SenderContent> content, Func<SenderContent, IReadOnlyList<PoolTransaction>> pick, Action<Utf8JsonWriter, PoolTransaction> write)
    {
        json.WriteStartObject(name);
        foreach (SenderContent sender in content)
        {
            IReadOnlyList<PoolTransaction> transactions = pick(sender);
            if (transactions.Count == 0) continue;
            json.WritePropertyName(sender.Sender.ToChecksumString());
            WriteByNonce(json, transactions, write);
        }

        json.WriteEndObject();
    }

    private static void WriteByNonce(Utf8JsonWriter json, IReadOnlyList<PoolTransaction> transactions, Action<Utf8JsonWriter, PoolTransaction> write)
    {
        json.WriteStartObject();
        foreach (PoolTransaction transaction in transactions)
        {
            json.WritePropertyName(transaction.Nonce.ToString(CultureInfo.InvariantCulture));
            write(json, transaction);
        }

        json.WriteEndObject();
    }

    private RpcResult ContentFrom(RpcParams parameters)
    {
        Address address = parameters.GetAddress(0);
        SenderContent content = pool.ContentFrom(address) ?? new SenderContent(address, [], []);
        return RpcResult.Json(json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("pending"u8);
            WriteByNonce(json, content.Pending, _json.WritePending);
            json.WritePropertyName("queued"u8);
            WriteByNonce(json, content.Queued, _json.WritePending);
            json.WriteEndObject();
        });
    }

    private static string Summary(PoolTransaction pooled) =>
        $"{pooled.Transaction.To?.ToChecksumString() ?? "contract creation"}: {pooled.Transaction.Value} wei + {pooled.Transaction.GasLimit} gas × {pooled.FeeCap} wei";
}
