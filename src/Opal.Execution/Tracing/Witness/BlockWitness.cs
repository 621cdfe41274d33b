using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Everything that executing one block needs, without the state.</summary>
/// <param name="Nodes">Trie nodes of the parent's state by their keccak256.</param>
/// <param name="Codes">Codes by their keccak256.</param>
/// <param name="Keys">Addresses and slots that were touched: pre-images of the tries' keys.</param>
/// <param name="Headers">Headers in RLP, ascending, the parent's the last; more than one where BLOCKHASH was used.</param>
internal sealed record BlockWitness(
    IReadOnlyDictionary<Hash256, byte[]> Nodes, IReadOnlyDictionary<Hash256, byte[]> Codes, IReadOnlyList<byte[]> Keys, IReadOnlyList<byte[]> Headers);
