using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>A transaction as eth_call and its kin take it: every field may be missing.</summary>
public sealed record CallArguments
{
    /// <summary>Who calls; zero when missing.</summary>
    public Address From { get; init; }

    /// <summary>The callee; null creates a contract.</summary>
    public Address? To { get; init; }

    /// <summary>The gas limit.</summary>
    public ulong? Gas { get; init; }

    /// <summary>Wei a unit of gas; excludes the two below.</summary>
    public UInt256? GasPrice { get; init; }

    /// <summary>Most wei a unit of gas.</summary>
    public UInt256? MaxFeePerGas { get; init; }

    /// <summary>Most tip in wei a unit of gas.</summary>
    public UInt256? MaxPriorityFeePerGas { get; init; }

    /// <summary>Most wei a unit of blob gas.</summary>
    public UInt256? MaxFeePerBlobGas { get; init; }

    /// <summary>Wei sent along.</summary>
    public UInt256 Value { get; init; }

    /// <summary>The nonce; the account's own when missing.</summary>
    public ulong? Nonce { get; init; }

    /// <summary>Call data or init code.</summary>
    public byte[] Input { get; init; } = [];

    /// <summary>Accounts and slots paid for ahead.</summary>
    public AccessListItem[]? AccessList { get; init; }

    /// <summary>Hashes of blobs.</summary>
    public Hash256[]? BlobVersionedHashes { get; init; }

    /// <summary>Code delegations.</summary>
    public Authorization[]? AuthorizationList { get; init; }

    /// <summary>Reads the transaction object.</summary>
    public static CallArguments Read(JsonValue value)
    {
        byte[]? input = value.OrNone("input", static v => v.AsData()), data = value.OrNone("data", static v => v.AsData());
        if (input is not null && data is not null && !input.AsSpan().SequenceEqual(data)) throw value.Fault("both \"data\" and \"input\" are set and not equal. Please use \"input\" to pass transaction call data");
        var arguments = new CallArguments
        {
            From = value.OrNull("from", static v => v.AsAddress()) ?? Address.Zero,
            To = value.OrNull("to", static v => v.AsAddress()),
            Gas = value.OrNull("gas", static v => v.AsQuantity()),
            GasPrice = value.OrNull("gasPrice", static v => v.AsUInt256()),
            MaxFeePerGas = value.OrNull("maxFeePerGas", static v => v.AsUInt256()),
            MaxPriorityFeePerGas = value.OrNull("maxPriorityFeePerGas", static v => v.AsUInt256()),
            MaxFeePerBlobGas = value.OrNull("maxFeePerBlobGas", static v => v.AsUInt256()),
            Value = value.OrNull("value", static v => v.AsUInt256()) ?? UInt256.Zero,
            Nonce = value.OrNull("nonce", static v => v.AsQuantity()),
            Input = input ?? data ?? [],
            AccessList = value.OrNone("accessList", EthJson.ReadAccessList),
            BlobVersionedHashes = value.OrNone("blobVersionedHashes", static v => v.AsArray(static h => h.AsHash())),
            AuthorizationList = value.OrNone("authorizationList", static v => v.AsArray(EthJson.ReadAuthorization)),
        };
        if (arguments.GasPrice is not null && (arguments.MaxFeePerGas ?? arguments.MaxPriorityFeePerGas) is not null)
        {
            throw value.Fault("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified");
        }

        if (arguments.MaxFeePerGas is { } cap && arguments.MaxPriorityFeePerGas is { } tip && tip > cap)
        {
            throw value.Fault($"max priority fee per gas higher than max fee per gas: maxPriorityFeePerGas: {tip}, maxFeePerGas: {cap}");
        }

        return arguments;
    }
}
