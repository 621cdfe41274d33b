namespace Opal.Execution;

/// <summary>How far behind the required protocol version the client must be to stop (<c>rollup.halt</c>). Ordered.</summary>
public enum HaltLevel : byte
{
    /// <summary>Never stop.</summary>
    None,

    /// <summary>Behind by a patch or more.</summary>
    Patch,

    /// <summary>Behind by a minor version or more.</summary>
    Minor,

    /// <summary>Behind by a major version.</summary>
    Major,
}
