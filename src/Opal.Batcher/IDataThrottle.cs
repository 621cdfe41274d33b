namespace Opal.Batcher;

/// <summary>Slows the sequencer down while more data waits for L1 than should.</summary>
public interface IDataThrottle
{
    /// <summary>Whether the sequencer was last asked to slow down.</summary>
    bool IsActive { get; }

    /// <summary>Tells the sequencer's execution clients the limits that fit the backlog; called at each look at L2. Does not wait for them: one that cannot be told is reported and tried again.</summary>
    /// <param name="backlogBytes">What the blocks that are not wholly on L1 are estimated to take there.</param>
    /// <param name="cancellation">Gives up.</param>
    Task ApplyAsync(long backlogBytes, CancellationToken cancellation);
}
