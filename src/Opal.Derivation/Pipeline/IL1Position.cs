using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>The L1 block that data are read at.</summary>
internal interface IL1Position
{
    /// <summary>The block.</summary>
    L1BlockRef Origin { get; }

    /// <summary>Its time, as the clock of L1 inclusion.</summary>
    L1InclusionTime Time { get; }
}
