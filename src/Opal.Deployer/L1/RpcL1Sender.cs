using Opal.Crypto;
using Opal.Deployer.Keys;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer.L1;

/// <summary>An account with a local key on an L1 node.</summary>
/// <param name="l1">The node.</param>
/// <param name="key">The account.</param>
public sealed class RpcL1Sender(EthClient l1, WalletKey key) : IL1Sender
{
    private static readonly UInt256 OneGwei = 1_000_000_000UL;

    /// <summary>What nodes answer when a transaction need not be sent (again). The receipts decide what became of it.</summary>
    private static readonly string[] Harmless =
        ["already known", "already imported", "known transaction", "nonce too low", "replacement transaction underpriced", "transaction already exists", "already exists"];

    private ulong? _chainId;

    /// <inheritdoc/>
    public Address Address => key.Address;

    /// <inheritdoc/>
    public async Task<ulong> GetChainIdAsync(CancellationToken cancellation) => _chainId ??= await l1.ChainIdAsync(cancellation);

    /// <inheritdoc/>
    public Task<ulong> GetNonceAsync(CancellationToken cancellation) => l1.GetTransactionCountAsync(Address, BlockParameter.Latest, cancellation);

    /// <inheritdoc/>
    public Task<UInt256> GetBalanceAsync(Address address, CancellationToken cancellation) => l1.GetBalanceAsync(address, BlockParameter.Latest, cancellation);

    /// <inheritdoc/>
    public Task<byte[]> GetCodeAsync(Address address, CancellationToken cancellation) => l1.GetCodeAsync(address, BlockParameter.Latest, cancellation);

    /// <inheritdoc/>
    public Task<UInt256> GetStorageAsync(Address address, UInt256 slot, CancellationToken cancellation) => l1.GetStorageAsync(address, slot, BlockParameter.Latest, cancellation);

    /// <inheritdoc/>
    public async Task<L1CallResult> CallAsync(Address? to, ReadOnlyMemory<byte> data, UInt256 value, ulong? blockNumber, CancellationToken cancellation)
    {
        var call = new EthCall { From = Address, To = to, Data = data, Value = value };
        try
        {
            return new L1CallResult(true, await l1.CallAsync(call, blockNumber is { } number ? BlockParameter.At(number) : BlockParameter.Latest, cancellation));
        }
        catch (RpcCallException error) when (IsRevert(error.Error))
        {
            return new L1CallResult(false, error.Error.Data is { } hex && Hex.TryDecode(hex, out byte[] revert) ? revert : []);
        }
    }

    /// <inheritdoc/>
    public async Task<L1BlockRef?> GetBlockAsync(string hashNumberOrTag, CancellationToken cancellation)
    {
        if (Parse(hashNumberOrTag) is not { } block) throw new DeployerException($"'{hashNumberOrTag}' is no block: a hash, a number, or latest, safe, finalized, earliest");
        return await l1.FindHeaderAsync(block, cancellation) is { } header ? new L1BlockRef(header.Hash, header.Number, header.ParentHash, header.Timestamp) : null;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SignedL1Transaction>> SignAsync(IReadOnlyList<L1Transaction> transactions, int attempt, CancellationToken cancellation)
    {
        ulong chainId = await GetChainIdAsync(cancellation);
        BlockHeader head = await l1.FindHeaderAsync(BlockParameter.Latest, cancellation) ?? throw new DeployerException("L1 has no latest block");
        UInt256 tip = UInt256.Max(await l1.MaxPriorityFeePerGasAsync(cancellation), OneGwei);
        UInt256 cap = (2UL * (head.BaseFeePerGas ?? UInt256.Zero)) + tip;
        for (int i = 0; i < attempt; i++)
        {
            tip = (tip * 5UL / 4UL) + 1UL;
            cap = (cap * 5UL / 4UL) + 1UL;
        }

        return [.. transactions.Select(transaction => Sign(chainId, transaction, tip, cap))];
    }

    /// <inheritdoc/>
    public async Task BroadcastAsync(IReadOnlyList<SignedL1Transaction> transactions, CancellationToken cancellation)
    {
        RpcReply[] replies = await l1.Rpc.SendAsync(
            [.. transactions.Select(transaction => new RpcRequest("eth_sendRawTransaction", writer => writer.WriteStringValue(Hex.Encode(transaction.Raw.Span))))], cancellation);
        foreach (RpcReply reply in replies)
        {
            if (reply.Error is { } error && !Harmless.Any(text => error.Message.Contains(text, StringComparison.OrdinalIgnoreCase)))
            {
                throw new DeployerException($"{l1.Rpc.Endpoint} refuses a transaction of {Address.ToChecksumString()}: {error.Message}");
            }
        }
    }

    /// <inheritdoc/>
    public async Task<L1Receipt?> GetReceiptAsync(Hash256 hash, CancellationToken cancellation) =>
        await l1.FindReceiptAsync(hash, cancellation) is { } found ? new L1Receipt(found.Succeeded, found.Block.Number, found.Block.Hash, found.Receipt.GasUsed) : null;

    private SignedL1Transaction Sign(ulong chainId, L1Transaction transaction, UInt256 tip, UInt256 cap)
    {
        var unsigned = new Transaction
        {
            Type = TransactionType.DynamicFee,
            ChainId = chainId,
            Nonce = transaction.Nonce,
            MaxPriorityFeePerGas = tip,
            MaxFeePerGas = cap,
            GasLimit = transaction.GasLimit,
            To = transaction.To,
            Value = transaction.Value,
            Data = transaction.Data,
        };
        EcdsaSignature signature = Secp256k1.Sign(unsigned.SigningHash(), key.PrivateKey.Span);
        Transaction signed = unsigned.WithSignature(signature.YParity, signature.R, signature.S);
        return new SignedL1Transaction(signed.Hash, signed.Encoded);
    }

    private static bool IsRevert(RpcError error) => error.Code == 3 || error.Data is not null || error.Message.Contains("revert", StringComparison.OrdinalIgnoreCase);

    private static BlockParameter? Parse(string text) => text switch
    {
        "latest" => BlockParameter.Latest,
        "safe" => BlockParameter.Safe,
        "finalized" => BlockParameter.Finalized,
        "earliest" => BlockParameter.Earliest,
        "pending" => BlockParameter.Pending,
        { Length: 66 } when Hash256.TryParse(text, out Hash256 hash) => BlockParameter.At(hash),
        _ when UInt256.TryParse(text, out UInt256 number) && number.IsUInt64 => BlockParameter.At((ulong)number),
        _ => null,
    };
}
