using Opal.Protocol;

namespace Opal.Node;

/// <summary>What the sequencer can do for the next height.</summary>
public enum PlanKind : byte
{
    /// <summary>Build from the attributes.</summary>
    Build,

    /// <summary>Insert the block that was made on this parent before.</summary>
    Insert,

    /// <summary>L1 has not what the block needs yet: ask again later.</summary>
    Wait,

    /// <summary>The unsafe chain rests on an L1 block that is gone: start over.</summary>
    Reset,

    /// <summary>The next block must not be built by this program: stop.</summary>
    Halt,
}

/// <summary>A plan for the next block.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Attributes">Set exactly when building.</param>
/// <param name="Reason">Set when waiting, starting over or stopping.</param>
public sealed record BlockPlan(PlanKind Kind, PayloadAttributes? Attributes, string? Reason)
{
    /// <summary>Build from these.</summary>
    public static BlockPlan Build(PayloadAttributes attributes) => new(PlanKind.Build, attributes, null);

    /// <summary>The block made before.</summary>
    public static BlockPlan Insert { get; } = new(PlanKind.Insert, null, null);

    /// <summary>Not yet.</summary>
    public static BlockPlan Wait(string reason) => new(PlanKind.Wait, null, reason);

    /// <summary>Start over.</summary>
    public static BlockPlan Reset(string reason) => new(PlanKind.Reset, null, reason);

    /// <summary>Stop.</summary>
    public static BlockPlan Halt(string reason) => new(PlanKind.Halt, null, reason);
}

/// <summary>Plans blocks for the sequencer: chooses the L1 origin and prepares the payload attributes.</summary>
public interface IBlockPlanner
{
    /// <summary>The plan for the block on top of <paramref name="parent"/>; in recover mode as forced empty blocks would be. Throws <see cref="SourceException"/> when a provider gave no answer.</summary>
    Task<BlockPlan> PlanAsync(L2BlockRef parent, bool recover, CancellationToken cancellation);

    /// <summary>Whether an L1 block is in L1's chain. Throws <see cref="SourceException"/> when a provider gave no answer.</summary>
    Task<bool> IsCanonicalAsync(BlockId origin, CancellationToken cancellation);
}
