using Opal.Primitives;

namespace Opal.Evm;

/// <summary>0x02 SHA2-256.</summary>
internal sealed class Sha256Precompile : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 60 + (12 * PrecompileInput.Words(input));

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output)
    {
        crypto.Sha256(input, output.Reset(32));
        return true;
    }
}

/// <summary>0x03 RIPEMD-160, padded to a word.</summary>
internal sealed class Ripemd160Precompile : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 600 + (120 * PrecompileInput.Words(input));

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output)
    {
        Span<byte> word = output.Reset(32);
        word[..12].Clear();
        crypto.Ripemd160(input, word[12..]);
        return true;
    }
}

/// <summary>0x04 IDENTITY.</summary>
internal sealed class Identity : Precompile
{
    public override long GasFor(ReadOnlySpan<byte> input) => 15 + (3 * PrecompileInput.Words(input));

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output)
    {
        output.Set(input);
        return true;
    }
}
