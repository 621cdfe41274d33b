using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Looks blocks of the safe L2 chain up by number, for the check of a span that overlaps it. What is missing becomes a request; the check is then run again.</summary>
internal sealed class SafeChain(AttributesBuilder attributes, Exchange exchange)
{
    /// <summary>Whether the last look-up failed for want of a block (then a request stands) or because of a malformed one (then the run ended).</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>What to return while <see cref="IsBlocked"/>.</summary>
    public Pull Outcome { get; private set; }

    public bool TryGet(ulong number, out L2BlockRef reference, out Block block)
    {
        reference = default;
        if (!exchange.SafeBlocks.TryGetValue(number, out Block? found))
        {
            block = null!;
            IsBlocked = true;
            Outcome = exchange.Ask(new NeedL2Block(number));
            return false;
        }

        block = found;
        if (attributes.TryRefOf(found, out reference)) return true;
        IsBlocked = true;
        Outcome = exchange.Reset(ResetReason.L2BlockMalformed);
        return false;
    }

    /// <summary>Ends the run.</summary>
    public Pull Reset(ResetReason reason) => exchange.Reset(reason);

    /// <summary>Begins a check anew.</summary>
    public void Begin() => IsBlocked = false;

    /// <summary>Forgets the blocks: all checks came to their verdicts.</summary>
    public void Finish() => exchange.SafeBlocks.Clear();
}
