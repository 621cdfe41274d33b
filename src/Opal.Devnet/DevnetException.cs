namespace Opal.Devnet;

/// <summary>The devnet cannot start or go on; the message says what was wrong and what to do.</summary>
public sealed class DevnetException : Exception
{
    public DevnetException(string message) : base(message)
    {
    }

    public DevnetException(string message, Exception inner) : base(message, inner)
    {
    }
}
