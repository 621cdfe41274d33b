using Opal.Primitives;

namespace Opal.Cli.BatcherReports;

/// <summary>What L1 takes, wei a unit of gas.</summary>
/// <param name="GasPrice">Base fee and tip.</param>
/// <param name="BlobPrice">The blob base fee; null where L1 does not tell it.</param>
internal readonly record struct PriceLevel(UInt256 GasPrice, UInt256? BlobPrice);
