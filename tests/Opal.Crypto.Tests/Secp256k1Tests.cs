using Opal.Primitives;

namespace Opal.Crypto.Tests;

public class Secp256k1Tests
{
    private static readonly UInt256 Order = UInt256.FromBigEndian(Hex.Decode("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"));

    [Fact]
    public void Signatures_recover_to_their_signer_and_are_low()
    {
        for (int i = 0; i < 50; i++)
        {
            byte[] key = Secp256k1.GeneratePrivateKey();
            Hash256 digest = Keccak256.Hash([(byte)i]);
            EcdsaSignature signature = Secp256k1.Sign(digest, key);
            Assert.True(signature.S <= Order >> 1);
            Assert.True(NativeCrypto.Instance.TryRecoverAddress(digest, signature.R, signature.S, signature.YParity, out Address signer));
            Assert.Equal(Secp256k1.PrivateKeyToAddress(key), signer);
            Assert.True(NativeCrypto.Instance.TryRecoverAddress(digest, signature.R, Order - signature.S, (byte)(1 - signature.YParity), out Address high));
            Assert.Equal(signer, high);
            Assert.Equal(signature, Secp256k1.Sign(digest, key));
        }
    }

    [Fact]
    public void The_nonce_is_that_of_rfc_6979()
    {
        // key 1, message "Satoshi Nakamoto": a widely published deterministic secp256k1 vector
        var digest = new Hash256(System.Security.Cryptography.SHA256.HashData("Satoshi Nakamoto"u8));
        EcdsaSignature signature = Secp256k1.Sign(digest, new UInt256(1).ToBigEndianArray());
        Assert.Equal("0x934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8", Hex.Encode(signature.R.ToBigEndianArray()));
        Assert.Equal("0x2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5", Hex.Encode(signature.S.ToBigEndianArray()));
    }

    [Fact]
    public void Out_of_range_values_are_refused()
    {
        Hash256 digest = Keccak256.Hash([1]);
        Assert.False(Secp256k1.TryRecoverAddress(digest, 0, 1, 0, out _));
        Assert.False(Secp256k1.TryRecoverAddress(digest, 1, 0, 0, out _));
        Assert.False(Secp256k1.TryRecoverAddress(digest, Order, 1, 0, out _));
        Assert.False(Secp256k1.TryRecoverAddress(digest, 1, Order, 0, out _));
        Assert.False(Secp256k1.TryRecoverAddress(digest, 1, 1, 2, out _));
        Assert.False(Secp256k1.IsValidPrivateKey(new byte[32]));
        Assert.False(Secp256k1.IsValidPrivateKey(Order.ToBigEndianArray()));
        Assert.False(Secp256k1.IsValidPrivateKey(new byte[31]));
        Assert.Throws<ArgumentException>(() => Secp256k1.Sign(digest, new byte[32]));
    }

    [Fact]
    public void Many_threads_share_the_context()
    {
        byte[] key = Secp256k1.GeneratePrivateKey();
        Address expected = Secp256k1.PrivateKeyToAddress(key);
        Parallel.For(0, 200, i =>
        {
            Hash256 digest = Keccak256.Hash([(byte)i]);
            EcdsaSignature signature = Secp256k1.Sign(digest, key);
            Assert.True(Secp256k1.TryRecoverAddress(digest, signature.R, signature.S, signature.YParity, out Address signer));
            Assert.Equal(expected, signer);
        });
    }
}
