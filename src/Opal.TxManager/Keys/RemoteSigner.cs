using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager;

/// <summary>Has a signer service sign: <c>eth_signTransaction</c> of a transaction object, answered with the signed encoding.</summary>
/// <remarks>The answer is checked: it must be the transaction that was sent, signed by <see cref="Address"/>.</remarks>
/// <param name="service">The service.</param>
/// <param name="address">The account the service signs for.</param>
/// <param name="crypto">Recovers the signer of the answer.</param>
public sealed class RemoteSigner(IRpcClient service, Address address, ICrypto crypto) : ISigner, IDisposable
{
    /// <inheritdoc/>
    public Address Address => address;

    /// <inheritdoc/>
    public async ValueTask<Transaction> SignAsync(Transaction unsigned, CancellationToken cancellation)
    {
        byte[] encoded = await service.CallAsync("eth_signTransaction", writer =>
        {
            writer.WriteStartObject();
            writer.WriteAddress("from"u8, address);
            writer.WriteAddress("to"u8, unsigned.To);
            writer.WriteQuantity("gas"u8, unsigned.GasLimit);
            writer.WriteQuantity("maxFeePerGas"u8, unsigned.MaxFeePerGas);
            writer.WriteQuantity("maxPriorityFeePerGas"u8, unsigned.MaxPriorityFeePerGas);
            writer.WriteQuantity("value"u8, unsigned.Value);
            writer.WriteQuantity("nonce"u8, unsigned.Nonce);
            writer.WriteData("input"u8, unsigned.Data.Span);
            writer.WriteQuantity("chainId"u8, unsigned.ChainId ?? 0);
            if (unsigned.Type == TransactionType.Blob)
            {
                writer.WriteQuantity("maxFeePerBlobGas"u8, unsigned.MaxFeePerBlobGas);
                writer.WriteStartArray("blobVersionedHashes"u8);
                foreach (Hash256 hash in unsigned.BlobVersionedHashes) writer.WriteHashValue(hash);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }, static value => value.AsData(), cancellation);
        if (!Transaction.TryDecode(encoded, out Transaction? signed, out TransactionError error)) throw Refuse($"the answer is no transaction ({error})");
        if (signed!.SigningHash() != unsigned.SigningHash()) throw Refuse("the answer is another transaction than the one sent");
        if (!signed.TryGetSender(crypto, out Address signer) || signer != address) throw Refuse($"the answer is not signed by {address}");
        return signed;
    }

    /// <summary>Asks whether the service is there (<c>health_status</c>); one that does not know the question is there, too.</summary>
    /// <exception cref="RpcTransportException">It does not answer.</exception>
    /// <exception cref="RpcCallException">It answers with an error.</exception>
    public async Task CheckHealthAsync(CancellationToken cancellation)
    {
        try
        {
            await service.CallAsync("health_status", null, static value => value.AsString(), cancellation);
        }
        catch (RpcCallException error) when (error.Code == RpcErrorCode.MethodNotFound)
        {
        }
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose() => (service as IDisposable)?.Dispose();

    private RpcTransportException Refuse(string problem) => new("eth_signTransaction", service.Endpoint, problem, isTransient: false);
}
