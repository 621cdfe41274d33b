using Opal.Deployer.Abi;

namespace Opal.Deployer.Contracts;

/// <summary>A storage variable of a contract.</summary>
/// <param name="Label">Its name in the source.</param>
/// <param name="Slot">The slot, decimal text.</param>
/// <param name="Offset">The byte within the slot, from the right.</param>
/// <param name="Type">The compiler's type name.</param>
public readonly record struct StorageVariable(string Label, string Slot, int Offset, string Type);

/// <summary>A compiled contract.</summary>
public sealed class ContractArtifact
{
    /// <summary>The contract's name.</summary>
    public required string Name { get; init; }

    /// <summary>The creation code, without constructor arguments.</summary>
    public required ReadOnlyMemory<byte> InitCode { get; init; }

    /// <summary>The deployed code as compiled: immutables are zero.</summary>
    public required ReadOnlyMemory<byte> RuntimeCode { get; init; }

    /// <summary>For each immutable, in order of declaration, the offsets in <see cref="RuntimeCode"/> of the words that hold it.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> ImmutableReferences { get; init; }

    /// <summary>The storage variables; empty where the artifact says nothing.</summary>
    public required IReadOnlyList<StorageVariable> StorageLayout { get; init; }

    /// <summary>The types of the constructor's arguments.</summary>
    public required IReadOnlyList<AbiType> Constructor { get; init; }

    /// <summary>The functions, by declaration.</summary>
    public required IReadOnlyList<AbiFunction> Functions { get; init; }

    /// <summary>The custom errors.</summary>
    public required IReadOnlyList<AbiFunction> Errors { get; init; }

    /// <summary>The events' signatures.</summary>
    public required IReadOnlyList<AbiFunction> Events { get; init; }

    /// <summary>The creation code with the constructor's arguments behind it.</summary>
    /// <exception cref="DeployerException">The constructor takes others: another release than the deployer was written for.</exception>
    public byte[] InitCodeWith(params AbiValue[] arguments) => [.. InitCode.Span, .. Encode("constructor", Constructor, arguments)];

    /// <summary>The calldata of a call of a function.</summary>
    /// <param name="nameOrSignature">See <see cref="Function"/>.</param>
    /// <param name="arguments">The arguments.</param>
    /// <exception cref="DeployerException">There is no such function, or it takes others: another release than the deployer was written for.</exception>
    public byte[] CallData(string nameOrSignature, params AbiValue[] arguments)
    {
        AbiFunction function = Function(nameOrSignature);
        return [.. function.Selector.Span, .. Encode(function.Name, function.Inputs, arguments)];
    }

    /// <summary>The artifacts decide what a function takes, and they may come from a folder that somebody named: a mismatch is no bug.</summary>
    private byte[] Encode(string function, IReadOnlyList<AbiType> types, AbiValue[] arguments)
    {
        try
        {
            return AbiCodec.Encode(types, arguments);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            throw new DeployerException(
                $"{Name}.{function} takes {AbiType.TupleOf(types)}, which is not what this deployer gives ({error.Message}): these are not the contracts it was written for", error);
        }
    }

    /// <summary>The function of this name; where it is overloaded, give the whole signature.</summary>
    /// <exception cref="DeployerException">The contract has none: another release than the deployer was written for.</exception>
    public AbiFunction Function(string nameOrSignature)
    {
        AbiFunction? found = null;
        foreach (AbiFunction function in Functions)
        {
            if (function.Signature == nameOrSignature) return function;
            if (function.Name != nameOrSignature) continue;
            if (found is not null) throw new DeployerException($"{Name}.{nameOrSignature} is overloaded: {found.Signature}, {function.Signature}");
            found = function;
        }

        return found ?? throw new DeployerException($"the contract {Name} has no function {nameOrSignature}: these are not the contracts this deployer was written for");
    }
}
