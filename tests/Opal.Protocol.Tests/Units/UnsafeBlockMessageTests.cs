using Opal.Crypto;
using Opal.Primitives;

namespace Opal.Protocol.Tests;

/// <summary>Unsafe blocks as one node passes them to another: SSZ and signature.</summary>
public sealed class UnsafeBlockMessageTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_payload_comes_back_whole(int version)
    {
        for (int seed = 0; seed < 50; seed++)
        {
            ExecutionPayload payload = Make(new Random(seed), version);
            byte[] encoded = PayloadSsz.Encode(payload, version);
            Assert.True(PayloadSsz.TryDecode(encoded, version, out ExecutionPayload? read));
            Assert.Equal(encoded, PayloadSsz.Encode(read!, version));
            Assert.Equal(payload.BaseFeePerGas, read!.BaseFeePerGas);
            Assert.Equal(payload.LogsBloom, read.LogsBloom);
            Assert.Equal(payload.Transactions, read.Transactions);
            Assert.Equal(payload.ExtraData, read.ExtraData);
            Assert.Equal(payload.Withdrawals, read.Withdrawals);
            Assert.Equal((payload.BlobGasUsed, payload.ExcessBlobGas, payload.WithdrawalsRoot), (read.BlobGasUsed, read.ExcessBlobGas, read.WithdrawalsRoot));
            Assert.Equal((payload.BlockNumber, payload.Timestamp, payload.GasLimit, payload.GasUsed), (read.BlockNumber, read.Timestamp, read.GasLimit, read.GasUsed));
        }
    }

    [Fact]
    public void Fields_lie_where_the_specification_has_them()
    {
        ExecutionPayload payload = Make(new Random(1), 4);
        byte[] encoded = PayloadSsz.Encode(payload, 4);
        Assert.Equal(payload.ParentHash.ToArray(), encoded[..32]);
        Assert.Equal(payload.BlockNumber, BitConverter.ToUInt64(encoded, 404));
        Assert.Equal(560u, BitConverter.ToUInt32(encoded, 436)); // extra data follows the fixed part
        Assert.Equal(payload.BlockHash.ToArray(), encoded[472..504]);
        Assert.Equal(560u + (uint)payload.ExtraData.Length, BitConverter.ToUInt32(encoded, 504));
        Assert.Equal(payload.WithdrawalsRoot!.Value.ToArray(), encoded[528..560]);
        Assert.Equal((uint)(4 * payload.Transactions.Count), BitConverter.ToUInt32(encoded, 560 + payload.ExtraData.Length));
    }

    [Fact]
    public void What_is_read_is_the_one_encoding_of_it_and_damage_never_breaks_the_reader()
    {
        var random = new Random(7);
        int read = 0;
        for (int i = 0; i < 20_000; i++)
        {
            int version = random.Next(1, 5);
            byte[] bytes = PayloadSsz.Encode(Make(random, version), version);
            if (random.Next(3) == 0) bytes = bytes[..random.Next(bytes.Length)];
            for (int j = random.Next(4); j > 0 && bytes.Length > 0; j--) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            if (!PayloadSsz.TryDecode(bytes, version, out ExecutionPayload? payload)) continue;
            read++;
            Assert.Equal(bytes, PayloadSsz.Encode(payload!, version));
        }

        Assert.InRange(read, 1_000, 19_000);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void The_signer_is_found_and_a_changed_byte_is_another_signer(int version)
    {
        byte[] key = Secp256k1.GeneratePrivateKey();
        var unsigned = new UnsafeBlockMessage(version, default, version >= 3 ? Keccak256.Hash([1]) : null, PayloadSsz.Encode(Make(new Random(3), version), version));
        EcdsaSignature signature = Secp256k1.Sign(unsigned.Digest(901), key);
        UnsafeBlockMessage signed = unsigned with { Signature = (byte[])[.. signature.R.ToBigEndianArray(), .. signature.S.ToBigEndianArray(), signature.YParity] };
        byte[] bytes = signed.Encode();
        Assert.True(UnsafeBlockMessage.TryDecode(version, bytes, out UnsafeBlockMessage? read));
        Assert.True(read!.TryRecoverSigner(901, NativeCrypto.Instance, out Address signer));
        Assert.Equal(Secp256k1.PrivateKeyToAddress(key), signer);
        Assert.False(read.TryRecoverSigner(902, NativeCrypto.Instance, out Address elsewhere) && elsewhere == signer);
        for (int at = 0; at < bytes.Length; at += 13)
        {
            byte[] changed = [.. bytes];
            changed[at] ^= 1;
            Assert.True(UnsafeBlockMessage.TryDecode(version, changed, out UnsafeBlockMessage? other));
            Assert.False(other!.TryRecoverSigner(901, NativeCrypto.Instance, out Address found) && found == signer);
        }
    }

    [Fact]
    public void What_is_signed_is_what_other_nodes_sign()
    {
        // 32 bytes of 0x99 on chain 10: the digest that op-alloy's own test states
        byte[] payload = [.. Enumerable.Repeat((byte)0x99, 32)];
        Assert.Equal("0x44a0e2b1aba1aae1771eddae1dcd2ad18a8cdac8891517153f03253e49d3f206", new UnsafeBlockMessage(2, default, null, payload).Digest(10).ToString());
    }

    [Fact]
    public void Too_short_too_long_and_unknown_versions_are_no_messages()
    {
        Assert.False(UnsafeBlockMessage.TryDecode(1, new byte[65], out _));
        Assert.False(UnsafeBlockMessage.TryDecode(3, new byte[97], out _));
        Assert.False(UnsafeBlockMessage.TryDecode(0, new byte[1000], out _));
        Assert.False(UnsafeBlockMessage.TryDecode(5, new byte[1000], out _));
        Assert.False(UnsafeBlockMessage.TryDecode(1, new byte[UnsafeBlockMessage.MaxSize + 1], out _));
    }

    private static ExecutionPayload Make(Random random, int version)
    {
        byte[] Bytes(int size)
        {
            var bytes = new byte[size];
            random.NextBytes(bytes);
            return bytes;
        }

        return new ExecutionPayload
        {
            ParentHash = new Hash256(Bytes(32)),
            FeeRecipient = new Address(Bytes(20)),
            StateRoot = new Hash256(Bytes(32)),
            ReceiptsRoot = new Hash256(Bytes(32)),
            LogsBloom = Bloom.FromBytes(Bytes(256)),
            PrevRandao = new Hash256(Bytes(32)),
            BlockNumber = (ulong)random.NextInt64(),
            GasLimit = (ulong)random.NextInt64(),
            GasUsed = (ulong)random.NextInt64(),
            Timestamp = (ulong)random.NextInt64(),
            ExtraData = Bytes(random.Next(33)),
            BaseFeePerGas = UInt256.FromBigEndian(Bytes(32)),
            BlockHash = new Hash256(Bytes(32)),
            Transactions = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Bytes(random.Next(1, 90)))],
            Withdrawals = version >= 2 ? [.. Enumerable.Range(0, random.Next(3)).Select(_ => new Withdrawal((ulong)random.NextInt64(), 2, new Address(Bytes(20)), 3))] : null,
            BlobGasUsed = version >= 3 ? (ulong)random.NextInt64() : null,
            ExcessBlobGas = version >= 3 ? (ulong)random.NextInt64() : null,
            WithdrawalsRoot = version >= 4 ? new Hash256(Bytes(32)) : null,
        };
    }
}
