namespace Opal.Proposer;

/// <summary>A proposal did not make it to L1; it is tried again.</summary>
public class ProposalException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether a version of it may be in L1's pool, and be mined yet.</summary>
    public bool MayStillBeMined { get; init; }
}
