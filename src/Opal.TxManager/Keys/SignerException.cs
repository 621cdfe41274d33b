namespace Opal.TxManager;

/// <summary>A key that cannot be used; the message says which source and what to do, never the secret.</summary>
public sealed class SignerException(string message, Exception? inner = null) : Exception(message, inner);
