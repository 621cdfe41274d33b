using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution.Tests;

/// <summary>A plain model of an execution client behind the Engine API: which blocks it has, where its heads are, which payloads it builds.</summary>
internal sealed class EngineModel
{
    private const int MaxPayloads = 10;

    private readonly Queue<ulong> _order = new();

    public EngineModel(ExecutedBlock genesis)
    {
        Known[genesis.Hash] = (Hash256.Zero, 0);
        Head = genesis.Hash;
    }

    /// <summary>The valid blocks it was given: parent and number.</summary>
    public Dictionary<Hash256, (Hash256 Parent, ulong Number)> Known { get; } = [];

    /// <summary>The invalid ones, each with its nearest valid ancestor.</summary>
    public Dictionary<Hash256, Hash256> Invalid { get; } = [];

    public Hash256 Head { get; private set; }

    public Hash256 Safe { get; private set; }

    public Hash256 Finalized { get; private set; }

    /// <summary>Payloads by id: the parent, the attributes, and the block once it was given out.</summary>
    public Dictionary<ulong, (Hash256 Parent, PayloadAttributes Attributes, Hash256? Given)> Payloads { get; } = [];

    public bool IsAncestor(in Hash256 hash, in Hash256 of)
    {
        for (Hash256 at = of; Known.TryGetValue(at, out (Hash256 Parent, ulong Number) block); at = block.Parent)
        {
            if (at == hash) return true;
        }

        return false;
    }

    /// <summary>The canonical block of a number, if the chain is that long.</summary>
    public Hash256? At(ulong number)
    {
        for (Hash256 at = Head; Known.TryGetValue(at, out (Hash256 Parent, ulong Number) block); at = block.Parent)
        {
            if (block.Number == number) return at;
        }

        return null;
    }

    /// <summary>Moves the heads as an accepted fork choice does.</summary>
    public void Move(in Hash256 head, in Hash256 safe, in Hash256 finalized)
    {
        if (!IsAncestor(Head, head))
        {
            // blocks leave the chain: what was safe above the common ancestor falls back to it
            Hash256 ancestor = head;
            while (!IsAncestor(ancestor, Head)) ancestor = Known[ancestor].Parent;
            ulong number = Known[ancestor].Number;
            if (!Safe.IsZero && Known[Safe].Number > number) Safe = ancestor;
            if (!Finalized.IsZero && Known[Finalized].Number > number) Finalized = ancestor;
        }

        Head = head;
        if (!safe.IsZero) Safe = safe;
        if (!finalized.IsZero) Finalized = finalized;
    }

    public void Begin(ulong id, in Hash256 parent, PayloadAttributes attributes)
    {
        if (!Payloads.TryAdd(id, (parent, attributes, null))) return;
        _order.Enqueue(id);
        if (_order.Count > MaxPayloads) Payloads.Remove(_order.Dequeue());
    }
}
