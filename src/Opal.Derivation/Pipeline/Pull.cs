namespace Opal.Derivation;

/// <summary>What came of asking a stage for its next output.</summary>
internal enum Pull : byte
{
    /// <summary>There is an output.</summary>
    Yielded,
    /// <summary>Something moved on, without an output yet: ask again.</summary>
    Again,
    /// <summary>All data up to the current L1 block is used up.</summary>
    Starved,
    /// <summary>A request stands that must be answered first.</summary>
    Blocked,
    /// <summary>A reset is needed, or derivation stopped: the exchange says why.</summary>
    Ended,
}
