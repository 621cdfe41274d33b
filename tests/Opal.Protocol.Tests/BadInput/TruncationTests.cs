using Opal.Primitives;
using Opal.Protocol.Tests.Mixes;

namespace Opal.Protocol.Tests.BadInput;

/// <summary>Encodings that end too early or too late are refused, each with a reason.</summary>
public sealed class TruncationTests
{
    private static Transaction[] OneOfEach()
    {
        AccessListItem[] accessList = [new(TestChain.Bob, [Hash256.EmptyCode]), new(TestChain.Alice, [])];
        var full = new UInt256(1, 2, 3, 4);
        TransactionType[] types = [TransactionType.Legacy, TransactionType.AccessList, TransactionType.DynamicFee, TransactionType.Blob, TransactionType.SetCode, TransactionType.Deposit];
        return types.Select(type => new Transaction
        {
            Type = type, ChainId = 10, Nonce = 300, MaxFeePerGas = full, MaxPriorityFeePerGas = type < TransactionType.DynamicFee ? full : 5, GasLimit = 70_000, To = TestChain.Bob,
            Value = full, Data = new byte[80], AccessList = type is TransactionType.Legacy or TransactionType.Deposit ? [] : accessList, MaxFeePerBlobGas = 9,
            BlobVersionedHashes = [Hash256.EmptyCode], AuthorizationList = [new Authorization(10, TestChain.Bob, 7, 1, full, full)], R = full, S = full,
            SourceHash = Hash256.EmptyCode, From = TestChain.Alice, Mint = full,
        }).ToArray();
    }

    [Fact]
    public void Every_prefix_of_a_transaction_and_every_byte_too_many_is_refused_with_a_reason()
    {
        foreach (Transaction whole in OneOfEach())
        {
            byte[] encoded = whole.Encoded;
            Assert.True(Transaction.TryDecode(encoded, out _, out _), whole.Type.ToString());
            for (int length = 0; length < encoded.Length; length++)
            {
                Assert.False(Transaction.TryDecode(encoded.AsSpan(0, length), out Transaction? decoded, out TransactionError error));
                Assert.Null(decoded);
                Assert.NotEqual(TransactionError.None, error);
            }

            Assert.False(Transaction.TryDecode([.. encoded, 0], out _, out TransactionError trailing));
            Assert.Equal(TransactionError.MalformedRlp, trailing);
        }
    }

    [Fact]
    public void Every_prefix_of_a_block_header_or_receipt_is_refused()
    {
        MixChain mix = MixChain.Make(MixChain.KindCount - 1, new Random(1));
        var block = new Block { Header = mix.Chain.Head, Transactions = OneOfEach(), Withdrawals = [new Withdrawal(1, 2, TestChain.Bob, 3)] };
        byte[] encoded = block.Encode();
        for (int length = 0; length < encoded.Length; length++) Assert.False(Block.TryDecode(encoded.AsSpan(0, length), out _));
        byte[] header = block.Header.Encode();
        for (int length = 0; length < header.Length; length++) Assert.False(BlockHeader.TryDecode(header.AsSpan(0, length), out _));
        byte[] receipt = new Receipt { Type = TransactionType.Deposit, DepositNonce = 1, DepositReceiptVersion = 1, Logs = [new Evm.LogEntry(TestChain.Bob, [Hash256.Zero], [1])] }.Encode();
        for (int length = 0; length < receipt.Length; length++) Assert.False(Receipt.TryDecode(receipt.AsSpan(0, length), out _));
    }

    /// <summary>A length that claims more than there is, up to 2^64 - 1, at every place of an encoding.</summary>
    [Fact]
    public void Lengths_beyond_the_end_are_refused()
    {
        byte[] huge = [0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        byte[] hugeList = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        foreach (Transaction whole in OneOfEach())
        {
            byte[] encoded = whole.Encoded;
            for (int at = 0; at < encoded.Length; at++)
            {
                foreach (byte[] length in new[] { huge, hugeList, [0xb8, 0x01], [0xf8, 0x01], [0xf9, 0xff, 0xff] })
                {
                    byte[] changed = [.. encoded[..at], .. length, .. encoded[at..]];
                    bool decoded = Transaction.TryDecode(changed, out Transaction? transaction, out TransactionError error);
                    Assert.Equal(decoded, error == TransactionError.None);
                    Assert.Equal(decoded, transaction is not null);
                    _ = Block.TryDecode(changed, out _);
                    _ = BlockHeader.TryDecode(changed, out _);
                    _ = Receipt.TryDecode(changed, out _);
                }
            }
        }
    }
}
