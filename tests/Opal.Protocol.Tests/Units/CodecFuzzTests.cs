using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol.Tests;

/// <summary>Decoders of foreign bytes: whatever is decoded encodes to the very same bytes, and nothing throws.</summary>
public class CodecFuzzTests
{
    private static readonly Transaction[] Seeds = MakeSeeds();

    private static Transaction[] MakeSeeds()
    {
        AccessListItem[] accessList = [new(TestChain.Bob, [Hash256.EmptyCode, Hash256.EmptyTrie]), new(TestChain.Alice, [])];
        var one = new UInt256(1, 2, 3, 4);
        return
        [
            new() { Nonce = 300, GasPrice = 7, GasLimit = 21_000, To = TestChain.Bob, Value = one, Data = new byte[] { 1, 2, 3 }, YParity = 1, R = one, S = 9 },
            new() { ChainId = 10, Nonce = 0, GasPrice = 7, GasLimit = 21_000, Data = new byte[60], YParity = 0, R = one, S = one },
            new() { Type = TransactionType.AccessList, ChainId = 10, GasPrice = 9, GasLimit = 5, AccessList = accessList, R = one, S = 5 },
            new() { Type = TransactionType.DynamicFee, ChainId = 10, MaxFeePerGas = 9, MaxPriorityFeePerGas = 3, To = TestChain.Bob, AccessList = accessList, YParity = 1, R = 1, S = 1 },
            new() { Type = TransactionType.Blob, ChainId = 1, To = TestChain.Bob, MaxFeePerBlobGas = 8, BlobVersionedHashes = [Hash256.EmptyCode], R = one, S = 5 },
            new()
            {
                Type = TransactionType.SetCode, ChainId = 1, To = TestChain.Bob, R = one, S = 5,
                AuthorizationList = [new Authorization(0, TestChain.Bob, 7, 1, one, 5), new Authorization(1, TestChain.Alice, 0, 255, 0, 0)],
            },
            new() { Type = TransactionType.Deposit, SourceHash = Hash256.EmptyCode, From = TestChain.Alice, To = TestChain.Bob, Mint = 5, Value = one, GasLimit = 9, Data = new byte[70] },
            new() { Type = TransactionType.Deposit, From = TestChain.Alice, IsSystemTransaction = true, Data = new byte[] { 0x7f } },
        ];
    }

    [Fact]
    public void Transactions_survive_a_round_trip()
    {
        foreach (Transaction seed in Seeds)
        {
            Assert.True(Transaction.TryDecode(seed.Encoded, out Transaction? decoded, out TransactionError error), error.ToString());
            Assert.Equal(seed.Hash, decoded!.Hash);
            Assert.Equal(seed.Encoded, Reencode(decoded));
            Assert.Equal(seed.SigningHash(), decoded.SigningHash());
            Assert.Equal(seed.V, decoded.V);
        }
    }

    private static byte[] Reencode(Transaction transaction) => transaction.WithSignature(transaction.YParity, transaction.R, transaction.S).Encoded;

    private static byte[] Mutate(Random random, byte[] bytes)
    {
        byte[] mutated = [.. bytes];
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            switch (random.Next(4))
            {
                case 0: mutated[random.Next(mutated.Length)] = (byte)random.Next(256); break;
                case 1: mutated[random.Next(mutated.Length)] ^= (byte)(1 << random.Next(8)); break;
                case 2: mutated = [.. mutated[..random.Next(mutated.Length)], .. mutated[random.Next(mutated.Length)..]]; break;
                default: mutated = [.. mutated, (byte)random.Next(256)]; break;
            }

            if (mutated.Length == 0) return [0];
        }

        return mutated;
    }

    [Fact]
    public void Mutated_transactions_are_refused_or_canonical()
    {
        var random = new Random(1);
        int decodedCount = 0;
        for (int i = 0; i < 40_000; i++)
        {
            byte[] bytes = Mutate(random, Seeds[i % Seeds.Length].Encoded);
            if (!Transaction.TryDecode(bytes, out Transaction? decoded, out TransactionError error))
            {
                Assert.NotEqual(TransactionError.None, error);
                continue;
            }

            decodedCount++;
            Assert.Equal(bytes, Reencode(decoded!));
            _ = decoded!.TryGetSender(NativeCrypto.Instance, out _);
        }

        Assert.True(decodedCount > 1000);
    }

    [Fact]
    public void Mutated_headers_blocks_and_receipts_are_refused_or_canonical()
    {
        var header = new BlockHeader
        {
            Number = 7, GasLimit = 9, Timestamp = 300, ExtraData = [1, 2, 3], BaseFeePerGas = 5, WithdrawalsRoot = Hash256.EmptyTrie, BlobGasUsed = 0, ExcessBlobGas = 1,
            ParentBeaconBlockRoot = Hash256.EmptyCode, RequestsHash = ExecutionRequests.EmptyHash,
        };
        var block = new Block { Header = header, Transactions = Seeds, Withdrawals = [new Withdrawal(1, 2, TestChain.Bob, 3)] };
        var receipt = new Receipt
        {
            Type = TransactionType.Deposit, Succeeded = true, CumulativeGasUsed = 9, DepositNonce = 5, DepositReceiptVersion = 1,
            Logs = [new LogEntry(TestChain.Bob, [Hash256.EmptyCode], [1, 2, 3])],
        };
        Assert.True(BlockHeader.TryDecode(header.Encode(), out BlockHeader? decodedHeader));
        Assert.Equal(header.Hash, decodedHeader!.Hash);
        Assert.True(Block.TryDecode(block.Encode(), out Block? decodedBlock));
        Assert.Equal(block.Encode(), decodedBlock!.Encode());
        Assert.True(Receipt.TryDecode(receipt.Encode(), out Receipt? decodedReceipt));
        Assert.Equal(receipt.Encode(), decodedReceipt!.Encode());
        var random = new Random(2);
        for (int i = 0; i < 10_000; i++)
        {
            byte[] bytes = Mutate(random, header.Encode());
            if (BlockHeader.TryDecode(bytes, out decodedHeader)) Assert.Equal(Keccak256.Hash(bytes), decodedHeader!.Hash);
            bytes = Mutate(random, block.Encode());
            if (Block.TryDecode(bytes, out decodedBlock)) Assert.Equal(bytes, decodedBlock!.Encode());
            bytes = Mutate(random, receipt.Encode());
            if (Receipt.TryDecode(bytes, out decodedReceipt) && decodedReceipt!.DepositReceiptVersion is not null) Assert.Equal(bytes, decodedReceipt.Encode());
        }
    }

    [Fact]
    public void Mutated_attributes_and_logs_never_throw()
    {
        var random = new Random(3);
        byte[][] attributes =
        [
            new L1BlockInfo { Format = L1BlockInfoFormat.Bedrock, Number = 7 }.Encode(),
            new L1BlockInfo { Format = L1BlockInfoFormat.Ecotone, Number = 7 }.Encode(),
            new L1BlockInfo { Format = L1BlockInfoFormat.Isthmus, Number = 7 }.Encode(),
            new L1BlockInfo { Format = L1BlockInfoFormat.Jovian, Number = 7 }.Encode(),
        ];
        LogEntry log = DepositEvents.Encode(TestChain.Bob, Seeds[6]);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = Mutate(random, attributes[i % 4]);
            if (L1BlockInfo.TryParse(bytes, out L1BlockInfo? info)) Assert.Equal(bytes, info!.Encode());
            var changed = new LogEntry(log.Address, log.Topics, Mutate(random, log.Data));
            if (DepositEvents.TryDecode(changed, Hash256.Zero, 0, out Transaction? deposit, out _)) _ = deposit!.Hash;
            var update = new LogEntry(default, [SystemConfigUpdates.Topic, Hash256.Zero, Hash256.FromUInt256((ulong)(i % 9))], Mutate(random, log.Data));
            _ = SystemConfigUpdates.Apply(new SystemConfig(), update, isEcotone: true, out _);
            _ = WithdrawalMessage.TryRead(changed, out _);
        }
    }

    [Fact]
    public void Pooled_blob_transactions_travel_with_their_blobs_in_both_forms()
    {
        foreach (byte version in new byte[] { 0, 1 })
        {
            byte[][] blobs = [new byte[BlobSidecar.BlobSize]];
            byte[][] commitments = [[0xc0, .. new byte[47]]];
            byte[][] proofs = Enumerable.Range(0, version == 0 ? 1 : 128).Select(i => new byte[48]).ToArray();
            Transaction transaction = TestChain.Sign(new Transaction
            {
                Type = TransactionType.Blob, ChainId = 1, To = TestChain.Bob, GasLimit = 21_000,
                BlobVersionedHashes = [BlobSidecar.VersionedHash(commitments[0], NativeCrypto.Instance)],
            });
            var sidecar = new BlobSidecar { WrapperVersion = version, Blobs = blobs, Commitments = commitments, Proofs = proofs };
            byte[] encoded = new PooledTransaction(transaction, sidecar).Encode();
            Assert.True(PooledTransaction.TryDecode(encoded, NativeCrypto.Instance, out PooledTransaction? decoded, out TransactionError error), error.ToString());
            Assert.Equal(transaction.Hash, decoded!.Transaction.Hash);
            Assert.Equal(version, decoded.Sidecar!.WrapperVersion);
            Assert.Equal(encoded, decoded.Encode());
            Assert.False(PooledTransaction.TryDecode(transaction.Encoded, NativeCrypto.Instance, out _, out _));
            commitments[0] = [0xc0, .. new byte[46], 1];
            Assert.Equal(TransactionError.VersionedHashMismatch, PooledTransaction.Check(transaction, sidecar, NativeCrypto.Instance));
        }
    }
}
