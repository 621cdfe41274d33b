using Opal.Primitives;

namespace Opal.Evm;

/// <summary>Hashes of recent ancestors, for BLOCKHASH. The machine asks only for the 256 blocks before the current one.</summary>
public interface IBlockHashes
{
    /// <summary>The hash of the canonical ancestor with this number; zero when unknown.</summary>
    Hash256 GetBlockHash(ulong number);
}
