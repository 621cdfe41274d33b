using Opal.Primitives;

namespace Opal.Evm;

/// <summary>A contract that the EVM carries out itself: gas rule, input checks, operation.</summary>
public abstract class Precompile
{
    /// <summary>The gas for this input; <see cref="long.MaxValue"/> when no gas limit could pay it.</summary>
    public abstract long GasFor(ReadOnlySpan<byte> input);

    /// <summary>Carries it out. False: the input is invalid and the call fails with all its gas.</summary>
    public abstract bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output);
}
