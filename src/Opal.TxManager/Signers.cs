using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>A key that cannot be used; the message says which source and what to do, never the secret.</summary>
public sealed class SignerException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Opens the signer that settings describe.</summary>
public static class Signers
{
    /// <summary>Opens it; files are read, and a signer service is asked whether it answers.</summary>
    /// <exception cref="SignerException">There is no key, more than one source, or the source is unusable.</exception>
    public static Task<ISigner> OpenAsync(SignerSettings settings, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (settings.PrivateKey is not { } text) throw new SignerException($"{settings}: only private keys are supported so far");
        try
        {
            return Task.FromResult<ISigner>(new LocalSigner(Convert.FromHexString(text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text)));
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            throw new SignerException("the private key is not 64 hex digits of a valid key");
        }
    }
}
