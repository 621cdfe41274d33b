namespace Opal.Evm;

/// <summary>The engines. They share frames, journal and helpers, and hand over to each other at frame boundaries only.</summary>
internal enum FrameEngine : byte
{
    /// <summary>A switch over the code's bytes with every check: traced calls, init code, code seen for the first time.</summary>
    Bytes,

    /// <summary>A switch over pre-decoded code, checked once a block.</summary>
    Decoded,

    /// <summary>Machine code made outside the core.</summary>
    Compiled,
}
