using Opal.Deployer.Contracts;
using Opal.Primitives;

namespace Opal.Deployer.L1;

/// <summary>One transaction of a deployment.</summary>
public sealed record DeploymentStep
{
    /// <summary>What the journal knows it by, such as <c>SystemConfigProxy</c> or <c>SystemConfigProxy.initialize</c>.</summary>
    public required string Key { get; init; }

    /// <summary>The callee; null creates a contract.</summary>
    public Address? To { get; init; }

    /// <summary>Calldata or init code.</summary>
    public required byte[] Data { get; init; }

    /// <summary>Gas limit.</summary>
    public required ulong GasLimit { get; init; }

    /// <summary>The account's nonce for it.</summary>
    public required ulong Nonce { get; init; }

    /// <summary>The contract that exists afterwards.</summary>
    public Address? Creates { get; init; }

    /// <summary>The contract whose code runs, for naming its custom errors.</summary>
    public ContractArtifact? Artifact { get; init; }

    /// <summary>A digest of callee and data: tells a resumed deployment whether a step that is done was this step.</summary>
    public Hash256 Input => InputOf(To, Data);

    /// <summary>See <see cref="Input"/>.</summary>
    public static Hash256 InputOf(Address? to, ReadOnlySpan<byte> data)
    {
        byte[] target = to is { } address ? address.ToArray() : [];
        return Keccak256.Hash([.. target, .. data]);
    }
}
