using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Looks blocks of the safe L2 chain up by number, for the check of a span that overlaps it. What is missing becomes a request; the check is then run again.</summary>
internal sealed class SafeChain(AttributesBuilder attributes, Exchange exchange)
{
    private readonly Dictionary<SpanBatch, int> _checked = new(ReferenceEqualityComparer.Instance);

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

    /// <summary>How many blocks of a span's overlap were found equal already: a check that is run again, for want of one more block, goes on there.</summary>
    public int CheckedOf(SpanBatch span) => _checked.GetValueOrDefault(span);

    /// <summary>Remembers it, until <see cref="Finish"/>.</summary>
    public void SetChecked(SpanBatch span, int blocks) => _checked[span] = blocks;

    /// <summary>Ends the run.</summary>
    public Pull Reset(ResetReason reason) => exchange.Reset(reason);

    /// <summary>Begins a check anew.</summary>
    public void Begin() => IsBlocked = false;

    /// <summary>Forgets the blocks: all checks came to their verdicts.</summary>
    public void Finish()
    {
        exchange.SafeBlocks.Clear();
        _checked.Clear();
    }
}
