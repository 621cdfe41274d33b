using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;

namespace Opal.Execution;

/// <summary>The part of the <c>debug</c> namespace that tells of states: what blocks changed, witnesses, pre-images.</summary>
public sealed class DebugStateApi
{
    private const ulong MaxModifiedBlocks = 1024;

    /// <summary>How many of the newest blocks debug_dbGet makes witnesses of, to find a pre-image that it does not have.</summary>
    private const int SearchedBlocks = 16;

    private const byte CodePrefix = (byte)'c';

    private readonly Blockchain _chain;
    private readonly BlockSelector _blocks;
    private readonly PreimageCache _preimages;
    private readonly KnownKeys _keys;
    private readonly NodeFinder _nodes;

    internal DebugStateApi(Blockchain chain, BlockSelector blocks, PreimageCache preimages, KnownKeys keys)
    {
        (_chain, _blocks, _preimages, _keys) = (chain, blocks, preimages, keys);
        _nodes = new NodeFinder(chain);
    }

    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("debug_executionWitness", ExecutionWitness);
        registry.Register("debug_dbGet", DbGet);
        registry.Register("debug_preimage", Preimage);
        registry.Register("debug_proofsSyncStatus", _ => ProofsSyncStatus());
        registry.Register("debug_getModifiedAccountsByNumber", ModifiedByNumber);
        registry.Register("debug_getModifiedAccountsByHash", ModifiedByHash);
        registry.Register("debug_intermediateRoots", IntermediateRoots);
    }

    private RpcResult ExecutionWitness(RpcParams parameters)
    {
        ExecutedBlock block = _blocks.Get(parameters.GetBlock(0));
        BlockWitness witness = WitnessOf(block);
        return RpcResult.Json(json =>
        {
            json.WriteStartObject();
            WriteAll("state", witness.Nodes.OrderBy(static n => n.Key).Select(static n => n.Value));
            WriteAll("codes", witness.Codes.OrderBy(static c => c.Key).Select(static c => c.Value));
            WriteAll("keys", witness.Keys);
            WriteAll("headers", witness.Headers);
            json.WriteEndObject();

            void WriteAll(string name, IEnumerable<byte[]> items)
            {
                json.WriteStartArray(name);
                foreach (byte[] item in items) json.WriteDataValue(item);
                json.WriteEndArray();
            }
        });
    }

    private BlockWitness WitnessOf(ExecutedBlock block)
    {
        BlockWitness witness = WitnessMaker.Make(_chain, block);
        _preimages.Add(block.Hash, witness);
        return witness;
    }

    /// <summary>
    /// Code by <c>0x63 ++ hash</c> or by its hash; headers and trie nodes by their hash. The store is kept by path, not by hash, so nodes are found from the root of a
    /// kept state downwards, each after its parent (<see cref="NodeFinder"/>); or where a witness that was made lately holds them, and witnesses of the newest blocks are
    /// made for the search.
    /// </summary>
    private RpcResult DbGet(RpcParams parameters)
    {
        byte[] key = parameters.GetData(0);
        bool isCode = key is [CodePrefix, ..] && key.Length == 1 + Hash256.Size;
        if (!isCode && key.Length != Hash256.Size) return RpcResult.Fail(RpcErrorCode.InvalidParams, "expected a key of 32 bytes (a hash), or of 33 that begin with 0x63 (a code's)");
        var hash = new Hash256(key.AsSpan(isCode ? 1 : 0));
        if (!isCode && _nodes.TryFind(hash, out byte[] value)) return RpcResult.Data(value);
        if (_preimages.TryGet(hash, out value)) return RpcResult.Data(value);
        if (!isCode && _chain.FindHeader(hash) is { } header) return RpcResult.Data(header.Encode());
        if (TryGetCode(hash, out ReadOnlyMemory<byte> code)) return RpcResult.Data(code.Span);
        if (isCode) return RpcResult.Fail(RpcErrorCode.ServerError, "not found");
        if (_nodes.TryFindRoot(hash, out value)) return RpcResult.Data(value);
        ExecutedBlock? block = _chain.Head;
        for (int i = 0; i < SearchedBlocks && block is not null && block.Number > _chain.Genesis.Number && block.Number > _chain.OldestState; i++, block = _chain.Find(block.Header.ParentHash))
        {
            if (_preimages.Knows(block.Hash)) continue;
            WitnessOf(block);
            if (_preimages.TryGet(hash, out value)) return RpcResult.Data(value);
        }

        return RpcResult.Fail(RpcErrorCode.ServerError,
            $"not found: trie nodes are stored by path here, and found by hash from a state root downwards, each after its parent; states are kept from block {_chain.OldestState} on. Ask for the header's state root first; debug_executionWitness and eth_getProof give whole ways");
    }

    private bool TryGetCode(in Hash256 hash, out ReadOnlyMemory<byte> code)
    {
        code = default;
        if (_chain.OpenState(_chain.Head) is not { } state) return false;
        try
        {
            code = state.GetCode(hash);
            return !code.IsEmpty;
        }
        catch (MissingStateException)
        {
            return false; // the store has no code of this hash
        }
    }

    private RpcResult Preimage(RpcParams parameters)
    {
        Hash256 hash = parameters.GetHash(0);
        if (_preimages.TryGet(hash, out byte[] value)) return RpcResult.Data(value);
        if (_keys.TryGetAddress(hash, out Address address)) return RpcResult.Data(address.ToArray());
        return _keys.TryGetSlot(hash, out UInt256 slot) ? RpcResult.Data(slot.ToBigEndianArray()) : RpcResult.Fail(RpcErrorCode.ServerError, "unknown preimage");
    }

    private RpcResult ProofsSyncStatus() => RpcResult.Json(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("earliest"u8, _chain.OldestState);
        json.WriteNumber("latest"u8, _chain.Head.Number);
        json.WriteEndObject();
    });

    private RpcResult ModifiedByNumber(RpcParams parameters)
    {
        ulong start = parameters.GetNumber(0), end = parameters.Has(1) ? parameters.GetNumber(1) : start;
        ExecutedBlock first = _chain.FindCanonical(start) ?? throw RpcException.Refused($"start block {start} not found");
        ExecutedBlock last = _chain.FindCanonical(end) ?? throw RpcException.Refused($"end block {end} not found");
        return Modified(first, last, parameters.Has(1));
    }

    private RpcResult ModifiedByHash(RpcParams parameters)
    {
        Hash256 start = parameters.GetHash(0), end = parameters.GetHashOrNull(1) ?? start;
        ExecutedBlock first = _chain.Find(start) ?? throw RpcException.Refused($"start block {start} not found");
        ExecutedBlock last = _chain.Find(end) ?? throw RpcException.Refused($"end block {end} not found");
        return Modified(first, last, parameters.Has(1));
    }

    /// <summary>The accounts changed after <paramref name="first"/>, up to and with <paramref name="last"/>; by one block alone where it is the only one given.</summary>
    private RpcResult Modified(ExecutedBlock first, ExecutedBlock last, bool isRange)
    {
        ExecutedBlock parent = isRange ? first : _blocks.ParentOf(first);
        if (parent.Number >= last.Number) return RpcResult.Fail(RpcErrorCode.ServerError, $"start block height ({parent.Number}) must be less than end block height ({last.Number})");
        if (last.Number - parent.Number > MaxModifiedBlocks) return RpcResult.Fail(RpcErrorCode.ServerError, $"at most {MaxModifiedBlocks} blocks are looked through at once");
        SortedSet<Address> modified = [];
        using ExecutorLease lease = _chain.RentExecutor();
        for (ExecutedBlock at = last; at.Hash != parent.Hash;)
        {
            ExecutedBlock before = _blocks.ParentOf(at);
            if (before.Number < parent.Number) return RpcResult.Fail(RpcErrorCode.ServerError, "the start block is no ancestor of the end block");
            ExecutionResult result = lease.Executor.Execute(before.Header, at.Block, _blocks.GetState(before));
            if (!result.IsValid) throw RpcException.Refused($"block {at.Number} could not be executed again: {result.Describe()}");
            modified.UnionWith(result.Diff.Accounts.Select(static a => a.Address));
            at = before;
        }

        return RpcResult.Json(json =>
        {
            json.WriteStartArray();
            foreach (Address address in modified) json.WriteAddressValue(address);
            json.WriteEndArray();
        });
    }

    private RpcResult IntermediateRoots(RpcParams parameters)
    {
        Hash256 hash = parameters.GetHash(0);
        ExecutedBlock block = _chain.Find(hash) ?? throw RpcException.Refused($"block {hash} not found");
        ExecutedBlock parent = _blocks.ParentOf(block);
        var observer = new RootsObserver(_blocks.GetState(parent));
        BlockTracing.Run(_chain, parent, block.Block, observer);
        return RpcResult.Json(json =>
        {
            json.WriteStartArray();
            foreach (Hash256 root in observer.Roots) json.WriteHashValue(root);
            json.WriteEndArray();
        });
    }

    /// <summary>The state root after each transaction.</summary>
    private sealed class RootsObserver(ChainState state) : IBlockObserver
    {
        public List<Hash256> Roots { get; } = [];

        public ITracer? BeginTransaction(int index, Transaction transaction, Journal journal) => null;

        public bool EndTransaction(int index, in TransactionOutcome outcome, Journal journal)
        {
            Roots.Add(state.ComputeRoots(journal.GetDiff(), null).StateRoot);
            return true;
        }
    }
}
