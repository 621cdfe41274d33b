using System.Text.Json;
using Opal.Crypto;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.EvmTool.Transition;

/// <summary>A transaction that is offered to the block, or the reason why it is none.</summary>
/// <param name="Transaction">The transaction; null when it did not decode.</param>
/// <param name="Fault">Why it did not.</param>
internal readonly record struct OfferedTransaction(Transaction? Transaction, TransactionError Fault)
{
    /// <summary>Reads the RLP list of a block's body. An item that is no transaction is offered as a fault; the rest follows.</summary>
    /// <exception cref="TransitionException">The bytes are no RLP list.</exception>
    public static List<OfferedTransaction> ReadRlp(byte[] encoded)
    {
        var offered = new List<OfferedTransaction>();
        var outer = new RlpReader(encoded);
        if (!outer.TryReadList(out RlpReader items)) throw new TransitionException(TransitionException.Rlp, "the transactions are no RLP list");
        while (!items.AtEnd)
        {
            ReadOnlySpan<byte> item;
            if (items.NextIsList ? !items.TryReadRaw(out item) : !items.TryReadBytes(out item))
            {
                throw new TransitionException(TransitionException.Rlp, $"the RLP of transaction {offered.Count} is malformed");
            }

            offered.Add(Transaction.TryDecode(item, out Transaction? transaction, out TransactionError error)
                ? new OfferedTransaction(transaction, TransactionError.None)
                : new OfferedTransaction(null, error));
        }

        return offered;
    }

    /// <summary>Reads an array of transactions in geth's JSON. One that has a <c>secretKey</c> and no signature is signed with it.</summary>
    /// <exception cref="InputFormatException">A transaction is malformed.</exception>
    public static List<OfferedTransaction> ReadJson(JsonElement list, ulong chainId)
    {
        var offered = new List<OfferedTransaction>();
        if (list.ValueKind == JsonValueKind.Null) return offered;
        foreach (JsonElement item in list.EnumerateArray())
        {
            try
            {
                offered.Add(new OfferedTransaction(ReadOne(item, chainId), TransactionError.None));
            }
            catch (InputFormatException e)
            {
                throw new InputFormatException($"tx {offered.Count}: {e.Message}", e);
            }
        }

        return offered;
    }

    private static Transaction ReadOne(JsonElement item, ulong chainId)
    {
        ulong type = item.OptionalULong("type") ?? 0;
        if (type > (ulong)TransactionType.SetCode) throw new InputFormatException($"unknown transaction type {type}");
        UInt256 v = item.OptionalWord("v") ?? item.OptionalWord("yParity") ?? default, r = item.OptionalWord("r") ?? default, s = item.OptionalWord("s") ?? default;
        bool signs = item.TryMember("secretKey", out JsonElement key) && v.IsZero && r.IsZero && s.IsZero;
        bool isProtected = !item.TryMember("protected", out JsonElement flag) || flag.ValueKind != JsonValueKind.False;
        bool isLegacy = type == (ulong)TransactionType.Legacy;
        ulong? id = isLegacy ? LegacyChain(v, signs, isProtected, chainId) : item.OptionalULong("chainId") ?? chainId;
        if (signs && !isLegacy)
        {
            if (id == 0) id = chainId;
            if (id != chainId) throw new InputFormatException("failed to sign tx: invalid chain id for signer");
        }

        byte parity = (byte)(isLegacy ? v >= 35 ? (v - 35).U0 & 1 : v == 28 ? 1u : 0u : v.U0 & 1);
        Transaction transaction = Build(item, (TransactionType)type, id, parity, r, s);
        if (!signs) return transaction;
        byte[] secret = key.Bytes();
        if (!Secp256k1.IsValidPrivateKey(secret)) throw new InputFormatException("\"secretKey\" is no secret key");
        EcdsaSignature signature = Secp256k1.Sign(transaction.SigningHash(), secret);
        return transaction.WithSignature(signature.YParity, signature.R, signature.S);
    }

    private static ulong? LegacyChain(in UInt256 v, bool signs, bool isProtected, ulong chainId)
    {
        if (signs) return isProtected ? chainId : null;
        if (v < 35) return null;
        UInt256 id = (v - 35) >> 1;
        return id.IsUInt64 ? id.U0 : throw new InputFormatException("the chain id of \"v\" does not fit 64 bits");
    }

    private static Transaction Build(JsonElement item, TransactionType type, ulong? chainId, byte parity, in UInt256 r, in UInt256 s)
    {
        bool hasFees = type is not (TransactionType.Legacy or TransactionType.AccessList);
        UInt256 price = hasFees ? item.Member("maxFeePerGas").Word() : item.Member("gasPrice").Word();
        bool hasTo = item.TryMember("to", out JsonElement to) && to.Text().Length > 0;
        return new Transaction
        {
            Type = type,
            ChainId = chainId,
            Nonce = item.Member("nonce").ULong(),
            MaxFeePerGas = price,
            MaxPriorityFeePerGas = hasFees ? item.Member("maxPriorityFeePerGas").Word() : price,
            GasLimit = (item.TryMember("gas", out JsonElement gas) ? gas : item.Member("gasLimit")).ULong(),
            To = hasTo ? to.Address() : null,
            Value = item.OptionalWord("value") ?? default,
            Data = (item.TryMember("input", out JsonElement input) ? input : item.Member("data")).Bytes(),
            AccessList = item.TryMember("accessList", out JsonElement list) ? [.. list.EnumerateArray().Select(StateTestCase.ReadAccess)] : [],
            MaxFeePerBlobGas = type == TransactionType.Blob ? item.Member("maxFeePerBlobGas").Word() : default,
            BlobVersionedHashes = type == TransactionType.Blob ? [.. item.Member("blobVersionedHashes").EnumerateArray().Select(h => h.Hash())] : [],
            AuthorizationList = type == TransactionType.SetCode ? [.. item.Member("authorizationList").EnumerateArray().Select(ReadAuthorization)] : [],
            YParity = parity,
            R = r,
            S = s,
        };
    }

    private static Authorization ReadAuthorization(JsonElement item)
    {
        ulong parity = item.OptionalULong("yParity") ?? item.Member("v").ULong();
        if (parity > byte.MaxValue) throw new InputFormatException("an authorization's parity does not fit a byte");
        return new Authorization(
            item.Member("chainId").Word(), item.Member("address").Address(), item.Member("nonce").ULong(), (byte)parity, item.Member("r").Word(), item.Member("s").Word());
    }
}
