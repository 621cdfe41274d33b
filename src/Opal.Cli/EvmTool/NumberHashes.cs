using System.Globalization;
using System.Text;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Cli.EvmTool;

/// <summary>Tests and tools without a chain: by convention the hash of block n is keccak256 of n in decimal.</summary>
internal sealed class NumberHashes : IBlockHashes
{
    public static NumberHashes Instance { get; } = new();

    public Hash256 GetBlockHash(ulong number) => Keccak256.Hash(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
}
