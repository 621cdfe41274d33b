using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;
using Opal.Trie;

namespace Opal.Execution;

/// <summary>The state after a block together with that block's ancestors' hashes: what executing its child needs. Read-only; not shared between threads.</summary>
public sealed class ChainState : IExecutionState
{
    private const int Window = 256;

    private readonly Blockchain _chain;
    private readonly ExecutedBlock _block;
    private readonly List<Hash256> _ancestors = []; // [i] is the hash of block number _block.Number - i

    internal ChainState(Blockchain chain, ExecutedBlock block, IStateView view)
    {
        _chain = chain;
        _block = block;
        View = view;
    }

    /// <summary>The state alone, with its proofs.</summary>
    public IStateView View { get; }

    /// <summary>The block after which the state is.</summary>
    public ExecutedBlock Block => _block;

    /// <inheritdoc/>
    public bool TryGetAccount(in Address address, out Account account) => View.TryGetAccount(address, out account);

    /// <inheritdoc/>
    public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => View.GetStorage(address, slot, out value);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => View.GetCode(codeHash);

    /// <inheritdoc/>
    public bool HasStorage(in Address address) => View.HasStorage(address);

    /// <inheritdoc/>
    public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf) => View.ComputeRoots(diff, storageRootOf);

    /// <inheritdoc/>
    public Hash256 GetBlockHash(ulong number)
    {
        if (number > _block.Number || _block.Number - number >= Window) return Hash256.Zero;
        int depth = (int)(_block.Number - number);
        if (_ancestors.Count == 0) _ancestors.Add(_block.Hash);
        while (_ancestors.Count <= depth)
        {
            Hash256 parent = _block.Header.ParentHash; // the block itself may be one that the chain does not hold
            if (_ancestors.Count > 1 && !_chain.TryGetParent(_ancestors[^1], out parent)) return Hash256.Zero;
            _ancestors.Add(parent);
        }

        return _ancestors[depth];
    }
}
