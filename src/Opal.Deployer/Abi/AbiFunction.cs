using System.Text;
using Opal.Primitives;

namespace Opal.Deployer.Abi;

/// <summary>A function of a contract: its selector, and the codec of its arguments and results.</summary>
public sealed class AbiFunction
{
    /// <summary>Parses <c>transfer(address,uint256)</c> and the types of the result, such as <c>(bool)</c>.</summary>
    /// <param name="signature">Name and argument types, without spaces and names.</param>
    /// <param name="results">The result types as a tuple.</param>
    /// <exception cref="FormatException">The program's own text is wrong.</exception>
    public AbiFunction(string signature, string results = "()")
    {
        int open = signature.IndexOf('(', StringComparison.Ordinal);
        if (open <= 0) throw new FormatException($"'{signature}' is no function signature");
        Name = signature[..open];
        AbiType inputs = AbiType.Parse(signature[open..]);
        Inputs = inputs.Components;
        Outputs = AbiType.Parse(results).Components;
        Signature = Name + inputs;
        Selector = Keccak256.Hash(Encoding.ASCII.GetBytes(Signature)).ToArray().AsMemory(0, 4);
    }

    /// <summary>The name alone.</summary>
    public string Name { get; }

    /// <summary>The canonical signature.</summary>
    public string Signature { get; }

    /// <summary>keccak256(signature)[..4].</summary>
    public ReadOnlyMemory<byte> Selector { get; }

    /// <summary>The argument types.</summary>
    public IReadOnlyList<AbiType> Inputs { get; }

    /// <summary>The result types.</summary>
    public IReadOnlyList<AbiType> Outputs { get; }

    /// <summary>The calldata of a call.</summary>
    /// <exception cref="ArgumentException">The arguments are not of the function's types (a bug in the caller).</exception>
    public byte[] Encode(params AbiValue[] arguments) => [.. Selector.Span, .. AbiCodec.Encode(Inputs, arguments)];

    /// <summary>Decodes what a call returned; false when it does not fit, as when there is no contract.</summary>
    public bool TryDecodeResult(ReadOnlySpan<byte> data, out AbiValue[] results) => AbiCodec.TryDecode(Outputs, data, out results);

    /// <summary>The canonical signature.</summary>
    public override string ToString() => Signature;
}
