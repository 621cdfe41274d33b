using Opal.Crypto;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>The sequenced transactions of every L2 block.</summary>
internal abstract class BlockContents
{
    /// <summary>The transactions of a block, encoded; the same whenever they are asked for.</summary>
    public abstract IReadOnlyList<byte[]> Of(ulong block);
}

/// <summary>Token transfers as they look on a chain. Their signatures are random bytes: nothing executes them.</summary>
/// <param name="each">Transactions of a block.</param>
/// <param name="chainId">The L2 chain's id.</param>
internal sealed class TokenCalls(int each, ulong chainId) : BlockContents
{
    private const int Senders = 1000;

    public override IReadOnlyList<byte[]> Of(ulong block)
    {
        var random = new Random(unchecked((int)block * 7919));
        var transactions = new byte[each][];
        for (int i = 0; i < each; i++) transactions[i] = Make(random, block);
        return transactions;
    }

    private byte[] Make(Random random, ulong block)
    {
        var data = new byte[68];
        Hex.Decode("a9059cbb").CopyTo(data, 0);
        random.NextBytes(data.AsSpan(16, 20));
        random.NextBytes(data.AsSpan(60, 8));
        var signature = new byte[64];
        random.NextBytes(signature);
        signature[0] &= 0x7f;
        signature[32] &= 0x3f;
        return new Transaction
        {
            Type = TransactionType.DynamicFee,
            ChainId = chainId,
            Nonce = (block / 10) + (ulong)random.Next(50),
            MaxFeePerGas = new UInt256(1_000_000 + (ulong)random.Next(1_000_000)),
            MaxPriorityFeePerGas = new UInt256((ulong)random.Next(1000) * 1000),
            GasLimit = 50_000 + (ulong)random.Next(50_000),
            To = Fillers.AddressOf(random.Next(Senders)),
            Data = data,
        }.WithSignature((byte)random.Next(2), UInt256.FromBigEndian(signature.AsSpan(0, 32)), UInt256.FromBigEndian(signature.AsSpan(32))).Encoded;
    }
}

/// <summary>Signed transfers of one account, which execute.</summary>
/// <param name="upTo">The transactions of all blocks up to one, by its number.</param>
/// <param name="chainId">The L2 chain's id.</param>
internal sealed class Transfers(Func<ulong, ulong> upTo, ulong chainId) : BlockContents
{
    /// <summary>So many in every block.</summary>
    public static Transfers Each(int count, ulong chainId) => new(block => block * (ulong)count, chainId);

    /// <summary>One, two, none, and over again: a chain that is hardly used.</summary>
    public static Transfers OneTwoNone(ulong chainId) => new(static block => block + (block % 3 == 2 ? 1UL : 0), chainId);

    public override IReadOnlyList<byte[]> Of(ulong block)
    {
        ulong before = upTo(block - 1);
        var transactions = new byte[upTo(block) - before][];
        for (int i = 0; i < transactions.Length; i++) transactions[i] = Make(block, before + (ulong)i);
        return transactions;
    }

    private byte[] Make(ulong block, ulong nonce)
    {
        var transfer = new Transaction
        {
            Type = TransactionType.DynamicFee,
            ChainId = chainId,
            Nonce = nonce,
            MaxFeePerGas = new UInt256(1_000_000_000),
            MaxPriorityFeePerGas = new UInt256(1_000),
            GasLimit = 21_000,
            To = Fillers.AddressOf((int)(block % 1000)),
            Value = UInt256.One,
        };
        EcdsaSignature signature = Secp256k1.Sign(transfer.SigningHash(), BenchRollup.UserKey);
        return transfer.WithSignature(signature.YParity, signature.R, signature.S).Encoded;
    }
}

/// <summary>The transactions of a real span batch, over and over.</summary>
internal sealed class RealBlocks(IReadOnlyList<byte[][]> blocks) : BlockContents
{
    public int Count => blocks.Count;

    public override IReadOnlyList<byte[]> Of(ulong block) => blocks[(int)((block - 1) % (ulong)blocks.Count)];
}
