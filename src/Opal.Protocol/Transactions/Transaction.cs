using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>A transaction of any type, immutable once built.</summary>
/// <remarks>
/// One class for all types: a field that the type does not have keeps its empty value. The encoding, the hash and the sender
/// are computed once and kept. Amounts are in wei. Spec: EIP-2718, 2930, 1559, 4844, 7702; deposits.md.
/// </remarks>
public sealed partial class Transaction
{
    private Envelope? _envelope;
    private Recovered? _sender;
    private int _fastLzSize = -1;

    /// <summary>The encoding with its hash, kept together so that a second thread sees both or none.</summary>
    private sealed class Envelope(byte[] encoded, Hash256 hash)
    {
        internal readonly byte[] Encoded = encoded;
        internal readonly Hash256 Hash = hash;
    }

    private sealed class Recovered(bool valid, Address address)
    {
        internal readonly bool Valid = valid;
        internal readonly Address Address = address;
    }

    /// <summary>The type.</summary>
    public TransactionType Type { get; init; }

    /// <summary>The chain the signature holds for; null for a legacy transaction without EIP-155, and for deposits.</summary>
    public ulong? ChainId { get; init; }

    /// <summary>The sender's nonce; 0 for deposits, which have none.</summary>
    public ulong Nonce { get; init; }

    /// <summary>The gas price of a legacy or access-list transaction; for the others the same as <see cref="MaxFeePerGas"/>.</summary>
    public UInt256 GasPrice
    {
        get => MaxFeePerGas;
        init
        {
            MaxFeePerGas = value;
            MaxPriorityFeePerGas = value;
        }
    }

    /// <summary>The most that is paid for a unit of gas, base fee included; the gas price where the type has only that.</summary>
    public UInt256 MaxFeePerGas { get; init; }

    /// <summary>The most that is paid to the fee recipient for a unit of gas; the gas price where the type has only that.</summary>
    public UInt256 MaxPriorityFeePerGas { get; init; }

    /// <summary>The gas limit.</summary>
    public ulong GasLimit { get; init; }

    /// <summary>The recipient; null creates a contract.</summary>
    public Address? To { get; init; }

    /// <summary>Wei sent to the recipient.</summary>
    public UInt256 Value { get; init; }

    /// <summary>Call data or init code.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>The access list; empty where the type has none.</summary>
    public AccessListItem[] AccessList { get; init; } = [];

    /// <summary>The most that is paid for a unit of blob gas (type 3).</summary>
    public UInt256 MaxFeePerBlobGas { get; init; }

    /// <summary>The versioned hashes of the blobs (type 3).</summary>
    public Hash256[] BlobVersionedHashes { get; init; } = [];

    /// <summary>The authorizations (type 4).</summary>
    public Authorization[] AuthorizationList { get; init; } = [];

    /// <summary>The signature's y parity, 0 or 1.</summary>
    public byte YParity { get; init; }

    /// <summary>The signature's r; zero for deposits.</summary>
    public UInt256 R { get; init; }

    /// <summary>The signature's s; zero for deposits.</summary>
    public UInt256 S { get; init; }

    /// <summary>The origin of a deposit (deposits.md#source-hash-computation).</summary>
    public Hash256 SourceHash { get; init; }

    /// <summary>The sender of a deposit.</summary>
    public Address From { get; init; }

    /// <summary>Wei that a deposit mints to its sender; null and zero have the same encoding and effect.</summary>
    public UInt256? Mint { get; init; }

    /// <summary>Whether a deposit takes no gas from the block; false from Regolith on.</summary>
    public bool IsSystemTransaction { get; init; }

    /// <summary>Whether this is a deposited transaction.</summary>
    public bool IsDeposit => Type == TransactionType.Deposit;

    /// <summary>The v value as JSON-RPC and legacy RLP show it: the y parity for typed transactions, 27/28 or EIP-155's for legacy ones.</summary>
    public UInt256 V => Type switch
    {
        TransactionType.Legacy => ChainId is { } id ? (new UInt256(id) * 2) + 35 + YParity : new UInt256(27UL + YParity),
        TransactionType.Deposit => UInt256.Zero,
        _ => new UInt256(YParity),
    };

    /// <summary>The EIP-2718 encoding: for typed transactions the type byte and the payload, for legacy ones the RLP list.</summary>
    public byte[] Encoded => GetEnvelope().Encoded;

    /// <summary>keccak256 of <see cref="Encoded"/>.</summary>
    public Hash256 Hash => GetEnvelope().Hash;

    /// <summary>The size of <see cref="Encoded"/> after FastLZ compression; computed once (fjord/exec-engine.md#fastlz-implementation).</summary>
    public int FastLzSize
    {
        get
        {
            int size = _fastLzSize;
            if (size < 0) _fastLzSize = size = FastLz.CompressedLength(Encoded);
            return size;
        }
    }

    private Envelope GetEnvelope()
    {
        Envelope? known = _envelope;
        if (known is null)
        {
            byte[] encoded = Encode();
            _envelope = known = new Envelope(encoded, Keccak256.Hash(encoded));
        }

        return known;
    }

    /// <summary>The account that sends the transaction: recovered from the signature once and kept, or <see cref="From"/> of a deposit.</summary>
    /// <returns>False when the signature is no valid one.</returns>
    public bool TryGetSender(ICrypto crypto, out Address sender)
    {
        if (IsDeposit)
        {
            sender = From;
            return true;
        }

        Recovered? known = _sender;
        if (known is null)
        {
            Address address = default;
            bool valid = SignatureRules.IsInRange(R, S, YParity) && crypto.TryRecoverAddress(SigningHash(), R, S, YParity, out address);
            _sender = known = new Recovered(valid, address);
        }

        sender = known.Address;
        return known.Valid;
    }

    /// <summary>States the sender where it is known already (own signer, simulated calls), so that it is not recovered.</summary>
    public void SetSender(in Address sender) => _sender = new Recovered(true, sender);

    /// <summary>The price of a unit of gas at a base fee: min(max fee, base fee + max priority fee). Zero for deposits.</summary>
    /// <remarks>The caller has checked that the max fee covers the base fee.</remarks>
    public UInt256 EffectiveGasPrice(in UInt256 baseFee)
    {
        if (IsDeposit) return UInt256.Zero;
        if (!UInt256.TryAdd(baseFee, MaxPriorityFeePerGas, out UInt256 price)) return MaxFeePerGas;
        return UInt256.Min(price, MaxFeePerGas);
    }

    /// <summary>The same transaction with a signature over <see cref="SigningHash"/>; what was computed before is not carried over.</summary>
    public Transaction WithSignature(byte yParity, in UInt256 r, in UInt256 s) => new()
    {
        Type = Type,
        ChainId = ChainId,
        Nonce = Nonce,
        MaxFeePerGas = MaxFeePerGas,
        MaxPriorityFeePerGas = MaxPriorityFeePerGas,
        GasLimit = GasLimit,
        To = To,
        Value = Value,
        Data = Data,
        AccessList = AccessList,
        MaxFeePerBlobGas = MaxFeePerBlobGas,
        BlobVersionedHashes = BlobVersionedHashes,
        AuthorizationList = AuthorizationList,
        YParity = yParity,
        R = r,
        S = s,
        SourceHash = SourceHash,
        From = From,
        Mint = Mint,
        IsSystemTransaction = IsSystemTransaction,
    };
}
