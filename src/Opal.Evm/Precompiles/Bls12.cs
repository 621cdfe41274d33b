using Opal.Primitives;

namespace Opal.Evm;

/// <summary>0x0b BLS12_G1ADD (EIP-2537).</summary>
internal sealed class BlsG1Add : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 375;

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output) =>
        input.Length == 256 && crypto.TryBlsG1Add(input, output.Reset(128));
}

/// <summary>0x0c BLS12_G1MSM (EIP-2537); OP Stack chains bound the input from Isthmus on.</summary>
internal sealed class BlsG1Msm(int maxInput = int.MaxValue) : Precompile
{
    private const int PairSize = 160;

    public override long GasFor(ReadOnlySpan<byte> input) => BlsDiscounts.MsmGas(input.Length / PairSize, 12_000, BlsDiscounts.G1);

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output) =>
        input.Length != 0 && input.Length <= maxInput && input.Length % PairSize == 0 && crypto.TryBlsG1Msm(input, output.Reset(128));
}

/// <summary>0x0d BLS12_G2ADD (EIP-2537).</summary>
internal sealed class BlsG2Add : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 600;

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output) =>
        input.Length == 512 && crypto.TryBlsG2Add(input, output.Reset(256));
}

/// <summary>0x0e BLS12_G2MSM (EIP-2537); OP Stack chains bound the input from Isthmus on.</summary>
internal sealed class BlsG2Msm(int maxInput = int.MaxValue) : Precompile
{
    private const int PairSize = 288;

    public override long GasFor(ReadOnlySpan<byte> input) => BlsDiscounts.MsmGas(input.Length / PairSize, 22_500, BlsDiscounts.G2);

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output) =>
        input.Length != 0 && input.Length <= maxInput && input.Length % PairSize == 0 && crypto.TryBlsG2Msm(input, output.Reset(256));
}

/// <summary>0x0f BLS12_PAIRING_CHECK (EIP-2537); OP Stack chains bound the input from Isthmus on.</summary>
internal sealed class BlsPairing(int maxInput = int.MaxValue) : Precompile
{
    private const int PairSize = 384;

    public override long GasFor(ReadOnlySpan<byte> input) => 37_700 + (32_600L * (input.Length / PairSize));

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output)
    {
        if (input.Length == 0 || input.Length > maxInput || input.Length % PairSize != 0) return false;
        if (!crypto.TryBlsPairing(input, out bool isOne)) return false;
        new UInt256(isOne ? 1UL : 0UL).WriteBigEndian(output.Reset(32));
        return true;
    }
}

/// <summary>0x10 BLS12_MAP_FP_TO_G1 (EIP-2537).</summary>
internal sealed class BlsMapFpToG1 : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 5_500;

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output) =>
        input.Length == 64 && crypto.TryBlsMapFpToG1(input, output.Reset(128));
}

/// <summary>0x11 BLS12_MAP_FP2_TO_G2 (EIP-2537).</summary>
internal sealed class BlsMapFp2ToG2 : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 23_800;

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output) =>
        input.Length == 128 && crypto.TryBlsMapFp2ToG2(input, output.Reset(256));
}
