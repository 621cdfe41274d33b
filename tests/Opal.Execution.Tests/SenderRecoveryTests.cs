using System.Collections.Concurrent;
using Opal.Crypto;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution.Tests;

public sealed class SenderRecoveryTests
{
    private static readonly byte[] Key = [.. new byte[31], 7];

    private static Transaction[] Signed(int count) => Enumerable.Range(0, count).Select(i =>
    {
        var unsigned = new Transaction { Type = TransactionType.DynamicFee, ChainId = 1, Nonce = (ulong)i, GasLimit = 21_000 };
        EcdsaSignature signature = Secp256k1.Sign(unsigned.SigningHash(), Key);
        return unsigned.WithSignature(signature.YParity, signature.R, signature.S);
    }).ToArray();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Helpers_recover_every_sender_while_the_block_is_executed(int helpers)
    {
        Transaction[] transactions = Signed(100);
        transactions[50] = transactions[50].WithSignature(0, UInt256.MaxValue, 1); // nobody's
        transactions[51] = new Transaction { Type = TransactionType.Deposit, From = Address.FromNumber(5) };
        var crypto = new CountingCrypto();
        SenderRecovery recovery = SenderRecovery.Begin(transactions, crypto, helpers);
        for (int i = 0; i < transactions.Length; i++)
        {
            bool valid = transactions[i].TryGetSender(crypto, out Address sender);
            Assert.Equal(i != 50, valid);
            if (valid) Assert.Equal(i == 51 ? Address.FromNumber(5) : Secp256k1.PrivateKeyToAddress(Key), sender);
        }

        recovery.Stop();
        Assert.InRange(crypto.Digests.Values.Count(times => times > 1), 0, helpers + 1); // only where they met
        Assert.Equal(98, crypto.Digests.Count);
    }

    [Fact]
    public void Known_senders_are_not_recovered_again()
    {
        Transaction[] transactions = Signed(20);
        foreach (Transaction transaction in transactions) transaction.SetSender(Address.FromNumber(9));
        var crypto = new CountingCrypto();
        SenderRecovery.Begin(transactions, crypto, helpers: 2).Stop();
        Assert.All(transactions, t => Assert.True(t.TryGetSender(crypto, out Address sender) && sender == Address.FromNumber(9)));
        Assert.Empty(crypto.Digests);
    }

    /// <summary>Counts recoveries; nothing else is asked of it.</summary>
    private sealed class CountingCrypto : ICrypto
    {
        public ConcurrentDictionary<Hash256, int> Digests { get; } = new();

        public bool TryRecoverAddress(in Hash256 digest, in UInt256 r, in UInt256 s, byte yParity, out Address signer)
        {
            Digests.AddOrUpdate(digest, 1, (_, times) => times + 1);
            return NativeCrypto.Instance.TryRecoverAddress(digest, r, s, yParity, out signer);
        }

        public void Sha256(ReadOnlySpan<byte> input, Span<byte> digest) => throw new NotSupportedException();

        public void Ripemd160(ReadOnlySpan<byte> input, Span<byte> digest) => throw new NotSupportedException();

        public void ModExp(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> exponent, ReadOnlySpan<byte> modulus, Span<byte> result) => throw new NotSupportedException();

        public bool TryBn254Add(ReadOnlySpan<byte> input, Span<byte> output) => throw new NotSupportedException();

        public bool TryBn254Mul(ReadOnlySpan<byte> input, Span<byte> output) => throw new NotSupportedException();

        public bool TryBn254Pairing(ReadOnlySpan<byte> input, out bool isOne) => throw new NotSupportedException();

        public bool VerifyKzgProof(ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> z, ReadOnlySpan<byte> y, ReadOnlySpan<byte> proof) => throw new NotSupportedException();

        public bool TryBlsG1Add(ReadOnlySpan<byte> input, Span<byte> output) => throw new NotSupportedException();

        public bool TryBlsG1Msm(ReadOnlySpan<byte> input, Span<byte> output) => throw new NotSupportedException();

        public bool TryBlsG2Add(ReadOnlySpan<byte> input, Span<byte> output) => throw new NotSupportedException();

        public bool TryBlsG2Msm(ReadOnlySpan<byte> input, Span<byte> output) => throw new NotSupportedException();

        public bool TryBlsPairing(ReadOnlySpan<byte> input, out bool isOne) => throw new NotSupportedException();

        public bool TryBlsMapFpToG1(ReadOnlySpan<byte> input, Span<byte> output) => throw new NotSupportedException();

        public bool TryBlsMapFp2ToG2(ReadOnlySpan<byte> input, Span<byte> output) => throw new NotSupportedException();

        public bool VerifyP256(ReadOnlySpan<byte> input) => throw new NotSupportedException();
    }
}
