using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager;

/// <summary>Has a signer service sign: <c>eth_signTransaction</c> of a transaction object, answered with the signed encoding.</summary>
/// <remarks>The answer is checked: it must be the transaction that was sent, signed by <see cref="Address"/>.</remarks>
/// <param name="service">The service.</param>
/// <param name="address">The account the service signs for.</param>
/// <param name="crypto">Recovers the signer of the answer.</param>
public sealed class RemoteSigner(IRpcClient service, Address address, ICrypto crypto) : ISigner
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

    private RpcTransportException Refuse(string problem) => new("eth_signTransaction", service.Endpoint, problem, isTransient: false);
}
