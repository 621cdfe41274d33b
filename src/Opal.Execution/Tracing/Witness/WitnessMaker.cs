using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;

namespace Opal.Execution;

/// <summary>Makes the witness of a block by executing it on a state that notes what is read.</summary>
internal static class WitnessMaker
{
    /// <summary>The witness.</summary>
    /// <exception cref="RpcException">The parent's state is not kept, or its store gives no trie nodes by path.</exception>
    public static BlockWitness Make(Blockchain chain, ExecutedBlock block)
    {
        if (block.Number == chain.Genesis.Number) throw RpcException.Refused("genesis has no witness: it is not executed");
        if (chain.Find(block.Header.ParentHash) is not { } parent) throw RpcException.Refused($"parent {block.Header.ParentHash} not found");
        ChainState state = BlockSelector.GetState(chain, parent);
        var recording = new RecordingState(state);
        ExecutionResult result;

        // machine code may read less before it fails, so that a witness is made without it
        using (var executor = new BlockExecutor(chain.Crypto, chain.Spec)) result = executor.Execute(parent.Header, block.Block, recording);
        if (!result.IsValid) throw RpcException.Refused($"the block could not be executed again: {result.Describe()}");

        var nodes = new WitnessNodes(state.View);
        List<byte[]> keys = [];
        Dictionary<Address, AccountChange> changes = result.Diff.Accounts.ToDictionary(static c => c.Address);
        foreach (AccountChange change in result.Diff.Accounts) recording.TryGetAccount(change.Address, out _);
        foreach ((Address address, SortedSet<UInt256> slots) in recording.Touched)
        {
            if (changes.TryGetValue(address, out AccountChange? change)) slots.UnionWith(change.Storage.Select(static s => s.Slot));
            AccountProof proof = state.View.GetProof(address, [.. slots]);
            nodes.AddAccount(proof, change);
            keys.Add(address.ToArray());
            keys.AddRange(slots.Select(static slot => slot.ToBigEndianArray()));
        }

        nodes.AddSiblings();
        List<byte[]> headers = [];
        for (ExecutedBlock? at = parent; at is not null; at = at.Number > recording.OldestHash ? chain.Find(at.Header.ParentHash) : null) headers.Add(at.Header.Encode());
        headers.Reverse();
        return new BlockWitness(nodes.Nodes, recording.Codes.ToDictionary(static c => c.Key, static c => c.Value.ToArray()), keys, headers);
    }
}
