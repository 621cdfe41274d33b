namespace Opal.Cli.EvmTool;

/// <summary>Input that is not in its format; the message says what is wrong with it.</summary>
public sealed class InputFormatException : Exception
{
    public InputFormatException(string message)
        : base(message)
    {
    }

    public InputFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public InputFormatException()
    {
    }
}
