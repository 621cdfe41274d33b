namespace Opal.Node;

/// <summary>A provider (L1, Beacon API, engine) gave no usable answer. Caught in the driver's loop alone, which retries with back-off.</summary>
public sealed class SourceException : Exception
{
    /// <summary>Names the provider and what it failed at.</summary>
    public SourceException(string message)
        : base(message)
    {
    }

    /// <summary>Names the provider, what it failed at, and the cause.</summary>
    public SourceException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>An unnamed failure.</summary>
    public SourceException()
    {
    }
}
