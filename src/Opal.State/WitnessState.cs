using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.State;

/// <summary>A state of which only the pre-images that one execution needs are known: trie nodes and code by their keccak256.</summary>
/// <remarks>Asking for anything else throws <see cref="MissingStateException"/>. Reads may come from many threads if the reader allows it.</remarks>
public sealed class WitnessState : IStateView
{
    private readonly WorldTrie _world;
    private readonly INodeReader _preimages;
    private readonly IReadOnlyDictionary<Hash256, byte[]>? _newCodes;

    /// <summary>The state of a root over a source of pre-images that is trusted to answer with what was asked for (see <see cref="PreimageBag"/>).</summary>
    public WitnessState(in Hash256 stateRoot, INodeReader preimages)
        : this(WorldTrie.Open(stateRoot, preimages), preimages, null)
    {
    }

    private WitnessState(WorldTrie world, INodeReader preimages, IReadOnlyDictionary<Hash256, byte[]>? newCodes)
    {
        _world = world;
        _preimages = preimages;
        _newCodes = newCodes;
    }

    /// <inheritdoc/>
    public Hash256 StateRoot => _world.Root;

    /// <inheritdoc/>
    public bool TryGetAccount(in Address address, out Account account)
    {
        bool found = _world.TryGetAccount(address, out StateAccount leaf);
        account = found ? new Account(leaf.Nonce, leaf.Balance, leaf.CodeHash) : Account.Empty;
        return found;
    }

    /// <inheritdoc/>
    public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => _world.GetStorage(address, slot, out value);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash)
    {
        if (codeHash == Hash256.EmptyCode) return default;
        if (_newCodes is not null && _newCodes.TryGetValue(codeHash, out byte[]? code)) return code;
        return _preimages.TryRead(codeHash, out ReadOnlyMemory<byte> preimage) ? preimage : throw new MissingStateException($"the witness lacks the code {codeHash}");
    }

    /// <inheritdoc/>
    public bool HasStorage(in Address address) => _world.GetStorageRoot(address) != Hash256.EmptyTrie;

    /// <inheritdoc/>
    public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf)
    {
        WorldTrie after = _world.Apply(diff);
        return new StateRoots(after.Root, storageRootOf is { } address ? after.GetStorageRoot(address) : null);
    }

    /// <summary>The state after a block, over the same pre-images: for runs of several blocks.</summary>
    public WitnessState Apply(StateDiff diff)
    {
        var codes = new Dictionary<Hash256, byte[]>();
        if (_newCodes is not null)
        {
            foreach ((Hash256 hash, byte[] code) in _newCodes) codes[hash] = code;
        }

        foreach ((Hash256 hash, byte[] code) in diff.Codes) codes[hash] = code;
        return new WitnessState(_world.Apply(diff), _preimages, codes);
    }

    /// <inheritdoc/>
    public Hash256 GetStorageRoot(in Address address) => _world.GetStorageRoot(address);

    /// <inheritdoc/>
    public AccountProof GetProof(in Address address, IReadOnlyList<UInt256> slots) => _world.GetProof(address, slots);
}
