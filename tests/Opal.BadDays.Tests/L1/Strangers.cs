using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.BadDays.Tests;

/// <summary>Rich accounts that others use: they burn gas, fill blobs and give ether away.</summary>
/// <param name="l1">L1.</param>
/// <param name="send">Puts a transaction into L1's pool.</param>
internal sealed class Strangers(EthClient l1, Func<PooledTransaction, Task> send)
{
    public const ulong ChainId = 900, BlockGas = 30_000_000;

    /// <summary>A contract whose first instruction is invalid: a call burns all its gas at once.</summary>
    public static readonly Address Furnace = Address.FromNumber(0xf1a3e);

    /// <summary>What both L1s begin with: the furnace, and a SystemConfig that answers every call with the batcher's address.</summary>
    public static (Address Address, byte[] Code)[] Contracts { get; } =
        [(Furnace, [0xfe]), (Rollup.Config.L1SystemConfigAddress, [0x73, .. BadDay.BatcherAddress.ToArray(), 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3])];

    public static readonly UInt256 Ether = new(1_000_000_000_000_000_000);

    /// <summary>Where L1 gives every funded account its ether: the first of anvil's accounts, too.</summary>
    public static readonly byte[] RichKey = Mnemonic.PrivateKey(Mnemonic.Development, 0), BlobKey = Mnemonic.PrivateKey(Mnemonic.Development, 1);

    private const ulong Gwei = 1_000_000_000;

    /// <summary>A share of a block, which leaves room for others and is far more than half.</summary>
    private const ulong BurntGas = 28_500_000;

    private static readonly Lazy<BlobSidecar> s_blobs = new(static () =>
    {
        var blob = new byte[BlobSidecar.BlobSize];
        for (int i = 1; i < blob.Length; i += 32) blob[i] = unchecked((byte)(i / 32));
        BlobSidecar one = BlobSidecars.Build([blob], cellProofs: false);
        return new BlobSidecar { Blobs = Six(one.Blobs[0]), Commitments = Six(one.Commitments[0]), Proofs = Six(one.Proofs[0]) };

        static byte[][] Six(byte[] content) => [.. Enumerable.Repeat(content, 6)];
    });

    /// <summary>Signs a transaction of an account.</summary>
    public static Transaction Sign(Transaction transaction, byte[] key)
    {
        EcdsaSignature signature = Secp256k1.Sign(transaction.SigningHash(), key);
        return transaction.WithSignature(signature.YParity, signature.R, signature.S);
    }

    /// <summary>Nearly fills the next block, behind everybody who offers a tip.</summary>
    public async Task BurnAsync() => await send(new PooledTransaction(Sign(new Transaction
    {
        Type = TransactionType.DynamicFee, ChainId = ChainId, Nonce = await NonceAsync(RichKey), To = Furnace, GasLimit = BurntGas, MaxFeePerGas = new UInt256(Gwei) * 100_000UL, MaxPriorityFeePerGas = 1,
    }, RichKey), null));

    /// <summary>Six blobs for the next block.</summary>
    public async Task FillBlobsAsync()
    {
        BlobSidecar blobs = s_blobs.Value;
        await send(new PooledTransaction(Sign(new Transaction
        {
            Type = TransactionType.Blob, ChainId = ChainId, Nonce = await NonceAsync(BlobKey), To = Furnace, GasLimit = 100_000, MaxFeePerGas = new UInt256(Gwei) * 10_000UL, MaxPriorityFeePerGas = 2,
            MaxFeePerBlobGas = new UInt256(Gwei) * 10_000_000UL, BlobVersionedHashes = [.. blobs.Commitments.Select(static commitment => Kzg.VersionedHash(commitment))],
        }, BlobKey), blobs));
    }

    /// <summary>Sends ether, into the next block.</summary>
    public async Task GiveAsync(Address account, UInt256 wei) => await send(new PooledTransaction(Sign(new Transaction
    {
        Type = TransactionType.DynamicFee, ChainId = ChainId, Nonce = await NonceAsync(RichKey), To = account, Value = wei, GasLimit = 21_000, MaxFeePerGas = new UInt256(Gwei) * 100_000UL, MaxPriorityFeePerGas = Gwei,
    }, RichKey), null));

    private Task<ulong> NonceAsync(byte[] key) => l1.GetTransactionCountAsync(Secp256k1.PrivateKeyToAddress(key), BlockParameter.Pending);
}
