using Opal.Primitives;

namespace Opal.Evm;

/// <summary>0x06 ECADD on bn254 (EIP-196, EIP-1108).</summary>
internal sealed class Bn254Add : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 150;

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output)
    {
        Span<byte> padded = stackalloc byte[128];
        PrecompileInput.CopyPadded(input, 0, padded);
        return crypto.TryBn254Add(padded, output.Reset(64));
    }
}

/// <summary>0x07 ECMUL on bn254 (EIP-196, EIP-1108).</summary>
internal sealed class Bn254Mul : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 6000;

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output)
    {
        Span<byte> padded = stackalloc byte[96];
        PrecompileInput.CopyPadded(input, 0, padded);
        return crypto.TryBn254Mul(padded, output.Reset(64));
    }
}

/// <summary>0x08 ECPAIRING on bn254 (EIP-197, EIP-1108); OP Stack chains bound the input from Granite on.</summary>
internal sealed class Bn254Pairing(int maxInput = int.MaxValue) : Precompile
{
    private const int PairSize = 192;

    public override long GasFor(ReadOnlySpan<byte> input) => 45_000 + (34_000L * (input.Length / PairSize));

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output)
    {
        if (input.Length > maxInput || input.Length % PairSize != 0) return false;
        if (!crypto.TryBn254Pairing(input, out bool isOne)) return false;
        new UInt256(isOne ? 1UL : 0UL).WriteBigEndian(output.Reset(32));
        return true;
    }
}
