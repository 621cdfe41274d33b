using Opal.Primitives;

namespace Opal.Evm;

/// <summary>0x01 ECRECOVER: digest, v, r, s to the signer's address; no output when there is no such key.</summary>
internal sealed class EcRecover : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 3000;

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output)
    {
        Span<byte> padded = stackalloc byte[128];
        PrecompileInput.CopyPadded(input, 0, padded);
        UInt256 v = UInt256.FromBigEndian(padded[32..64]);
        if (!v.IsUInt64 || v.U0 is not (27 or 28)) return true;
        UInt256 r = UInt256.FromBigEndian(padded[64..96]), s = UInt256.FromBigEndian(padded[96..128]);
        if (!crypto.TryRecoverAddress(new Hash256(padded[..32]), r, s, (byte)(v.U0 - 27), out Address signer)) return true;
        signer.ToUInt256().WriteBigEndian(output.Reset(32));
        return true;
    }
}
