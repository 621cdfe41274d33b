using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>One transaction of a network upgrade, as a bundle states it: mint and value are zero.</summary>
/// <param name="Intent">What it is for; its source hash comes from this text.</param>
/// <param name="From">The sender.</param>
/// <param name="To">The recipient; null creates a contract.</param>
/// <param name="Data">Call data or init code.</param>
/// <param name="GasLimit">The gas limit.</param>
public sealed record UpgradeTransaction(string Intent, Address From, Address? To, byte[] Data, ulong GasLimit);
