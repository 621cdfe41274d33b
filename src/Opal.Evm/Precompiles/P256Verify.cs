using Opal.Primitives;

namespace Opal.Evm;

/// <summary>0x0100 P256VERIFY (RIP-7212 at 3,450 gas; EIP-7951 at 6,900): the word 1 when the signature is valid, else no output.</summary>
internal sealed class P256Verify(int gas) : Precompile
{
    private const int InputSize = 160;

    public override long GasFor(ReadOnlySpan<byte> input) => gas;

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output)
    {
        output.Clear();
        if (input.Length == InputSize && crypto.VerifyP256(input)) UInt256.One.WriteBigEndian(output.Reset(32));
        return true;
    }
}
