namespace Opal.Evm;

/// <summary>Which engines a machine may use. All give the same results; the choice is for tests and measurements.</summary>
public enum EngineChoice : byte
{
    /// <summary>Code that has earned it is decoded; the rest, init code and traced steps run byte by byte.</summary>
    Automatic,

    /// <summary>Byte by byte only.</summary>
    Bytes,

    /// <summary>All code is decoded at once, init code too, except when steps are traced.</summary>
    Decoded,
}
