namespace Opal.Protocol;

/// <summary>A chain's EIP-1559 constants (exec-engine.md#1559-parameters).</summary>
/// <param name="Elasticity">The gas limit over the gas target.</param>
/// <param name="Denominator">The base fee's max change denominator before Canyon.</param>
/// <param name="DenominatorCanyon">The denominator from Canyon on.</param>
public sealed record OptimismFeeMarket(uint Elasticity, uint Denominator, uint DenominatorCanyon)
{
    /// <summary>What the standard configuration has: 6, 50, 250.</summary>
    public static OptimismFeeMarket Standard { get; } = new(6, 50, 250);
}
