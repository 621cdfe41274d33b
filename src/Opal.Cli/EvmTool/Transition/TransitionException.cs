namespace Opal.Cli.EvmTool.Transition;

/// <summary>Why a transition cannot be made, with geth's exit code for it.</summary>
public sealed class TransitionException : Exception
{
    /// <summary>The execution itself failed: a system contract is missing or failed.</summary>
    public const int Evm = 2;

    /// <summary>Fork, environment and flags do not fit together.</summary>
    public const int Config = 3;

    /// <summary>BLOCKHASH asked for a block that the environment does not have.</summary>
    public const int MissingBlockHash = 4;

    /// <summary>Malformed JSON.</summary>
    public const int Json = 10;

    /// <summary>A file cannot be read or written.</summary>
    public const int Io = 11;

    /// <summary>Malformed RLP.</summary>
    public const int Rlp = 12;

    public TransitionException(int code, string message)
        : base(message) => Code = code;

    public TransitionException(int code, string message, Exception inner)
        : base(message, inner) => Code = code;

    public TransitionException()
    {
    }

    public TransitionException(string message)
        : base(message)
    {
    }

    public TransitionException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>The exit code.</summary>
    public int Code { get; } = Evm;
}
