using Opal.Primitives;

namespace Opal.Batcher;

/// <summary>What L1 charges, in wei.</summary>
/// <param name="GasPrice">A unit of gas: base fee and tip.</param>
/// <param name="BlobBaseFee">A unit of blob gas.</param>
/// <param name="HasCalldataFloor">Whether transactions that are mostly calldata pay EIP-7623's floor (from Prague on).</param>
public readonly record struct L1Prices(UInt256 GasPrice, UInt256 BlobBaseFee, bool HasCalldataFloor = true);
