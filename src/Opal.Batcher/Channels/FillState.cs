namespace Opal.Batcher;

/// <summary>How a channel stands to its frames after a block was added.</summary>
internal enum FillState : byte
{
    /// <summary>More may fit.</summary>
    Room,
    /// <summary>It fits, and nothing more will.</summary>
    Full,
    /// <summary>It takes more than its frames with this block.</summary>
    Over,
    /// <summary>It decompresses to more than a verifier reads with this block.</summary>
    TooLong,
}
