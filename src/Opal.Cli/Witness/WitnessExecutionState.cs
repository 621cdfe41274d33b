using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;
using Opal.Trie;

namespace Opal.Cli.Witness;

/// <summary>A witness state with the hashes of ancestors whose headers are among the pre-images.</summary>
internal sealed class WitnessExecutionState(WitnessState state, Hash256 parentHash, PreimageBag preimages) : IExecutionState
{
    public bool TryGetAccount(in Address address, out Account account) => state.TryGetAccount(address, out account);

    public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => state.GetStorage(address, slot, out value);

    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => state.GetCode(codeHash);

    public bool HasStorage(in Address address) => state.HasStorage(address);

    /// <exception cref="MissingStateException">A header on the way is not among the pre-images.</exception>
    public Hash256 GetBlockHash(ulong number)
    {
        Hash256 hash = parentHash;
        while (true)
        {
            if (!preimages.TryRead(hash, out ReadOnlyMemory<byte> encoded) || !BlockHeader.TryDecode(encoded.Span, out BlockHeader? header))
            {
                throw new MissingStateException($"the witness lacks the header {hash}");
            }

            if (header!.Number <= number) return header.Number == number ? hash : Hash256.Zero;
            hash = header.ParentHash;
        }
    }

    public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf) => state.ComputeRoots(diff, storageRootOf);
}
