using System.Security.Cryptography;

namespace Opal.Crypto.Tests;

public class P256Tests
{
    [Fact]
    public void Signatures_of_the_platform_verify_and_touched_ones_do_not()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ECParameters key = ecdsa.ExportParameters(false);
        Parallel.For(0, 64, i =>
        {
            byte[] digest = SHA256.HashData([(byte)i]), signature;
            lock (ecdsa) signature = ecdsa.SignHash(digest);
            byte[] input = [.. digest, .. signature, .. key.Q.X!, .. key.Q.Y!];
            Assert.True(NativeCrypto.Instance.VerifyP256(input));
            for (int at = 0; at < 160; at += 13)
            {
                input[at] ^= 1;
                Assert.False(NativeCrypto.Instance.VerifyP256(input));
                input[at] ^= 1;
            }
        });
        Assert.False(NativeCrypto.Instance.VerifyP256(new byte[160]));
        Assert.False(NativeCrypto.Instance.VerifyP256(new byte[159]));
        Assert.False(NativeCrypto.Instance.VerifyP256([]));
    }
}
