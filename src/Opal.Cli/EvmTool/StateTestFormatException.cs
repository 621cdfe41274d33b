namespace Opal.Cli.EvmTool;

/// <summary>A file that is no state test; the message says what is wrong with it.</summary>
public sealed class StateTestFormatException : Exception
{
    public StateTestFormatException(string message)
        : base(message)
    {
    }

    public StateTestFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public StateTestFormatException()
    {
    }
}
