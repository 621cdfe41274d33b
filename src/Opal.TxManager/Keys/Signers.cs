using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>Opens the signer that settings describe.</summary>
public static class Signers
{
    /// <summary>Opens it; files are read, and a signer service is asked whether it answers. The caller disposes of signers that are <see cref="IDisposable"/>.</summary>
    /// <exception cref="SignerException">There is no key, more than one source, or the source is unusable.</exception>
    public static async Task<ISigner> OpenAsync(SignerSettings settings, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Check(settings);
        return settings switch
        {
            { PrivateKey: { } text } => PrivateKeyText.Open(text, "the private key (private-key)"),
            { PrivateKeyFile: { } path } => PrivateKeyFile.Open(path),
            { Keystore: { } path } => KeystoreFile.Open(path, settings.KeystorePasswordFile!),
            { Mnemonic: { } words } => MnemonicKey.Open(words, settings.HdPath!),
            _ => await RemoteAsync(settings, cancellation),
        };
    }

    /// <summary>What an operator should know of the settings before the signer is used, a sentence each; no secrets.</summary>
    public static IReadOnlyList<string> Warnings(SignerSettings settings)
    {
        var warnings = new List<string>();
        SecretFiles.WarnOfReaders(settings.PrivateKeyFile, warnings);
        SecretFiles.WarnOfReaders(settings.KeystorePasswordFile, warnings);
        if (settings.SignerEndpoint is null)
        {
            if (settings.Mnemonic is not null) warnings.Add("the words of the mnemonic are not checked against the BIP-39 list: compare the address with the one you expect");
            return warnings;
        }

        if (settings.SignerTls) SecretFiles.WarnOfReaders(settings.TlsKey, warnings);
        else if (settings.SignerEndpoint.Scheme == Uri.UriSchemeHttp && !settings.SignerEndpoint.IsLoopback)
        {
            warnings.Add("the signer service is spoken to over plain http: whoever sees the network sees what is signed, and anybody who reaches the service can have it sign");
        }

        return warnings;
    }

    private static void Check(SignerSettings settings)
    {
        List<string> given = [];
        if (settings.PrivateKey is not null) given.Add("private-key");
        if (settings.PrivateKeyFile is not null) given.Add("private-key-file");
        if (settings.Keystore is not null) given.Add("keystore");
        if (settings.Mnemonic is not null) given.Add("mnemonic");
        if (settings.SignerEndpoint is not null) given.Add("signer.endpoint");
        if (given.Count > 1) throw new SignerException($"more than one key is given ({string.Join(", ", given)}): give exactly one");
        if (settings.SignerEndpoint is null != settings.SignerAddress is null) throw new SignerException("signer.endpoint and signer.address belong together: give both or neither");
        if (given.Count == 0) throw new SignerException("no key is given: give one of private-key, private-key-file, keystore, mnemonic with hd-path, or signer.endpoint with signer.address");
        if (settings.Keystore is not null && settings.KeystorePasswordFile is null) throw new SignerException("a keystore needs the file of its password (keystore-password-file)");
        if (settings.Mnemonic is not null && settings.HdPath is null) throw new SignerException("a mnemonic needs the path of the key (hd-path), such as m/44'/60'/0'/0/0");
    }

    private static async Task<ISigner> RemoteAsync(SignerSettings settings, CancellationToken cancellation)
    {
        Uri endpoint = settings.SignerEndpoint!;
        bool isHttps = endpoint.Scheme == Uri.UriSchemeHttps;
        if (!endpoint.IsAbsoluteUri || (!isHttps && endpoint.Scheme != Uri.UriSchemeHttp)) throw new SignerException("signer.endpoint is no http or https URL");
        if (settings.SignerTls && !isHttps) throw new SignerException("signer.endpoint is plain http, but client certificates are switched on: use https, or set signer.tls.enabled=false");
        var service = new HttpRpcClient(endpoint, new HttpRpcClientOptions
        {
            Headers = HeadersOf(settings),
            Tls = settings.SignerTls ? SignerCertificates.Open(settings) : null,
        });
        var signer = new RemoteSigner(service, settings.SignerAddress!.Value, NativeCrypto.Instance);
        try
        {
            await signer.CheckHealthAsync(cancellation);
            return signer;
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            signer.Dispose();
            throw new SignerException($"the signer service does not answer: {error.Message}", error);
        }
        catch
        {
            signer.Dispose();
            throw;
        }
    }

    private static Dictionary<string, string> HeadersOf(SignerSettings settings)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string header in settings.SignerHeaders)
        {
            int equals = header.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new SignerException("a signer.header is not of the form NAME=VALUE");
            if (header.Any(char.IsControl)) throw new SignerException($"the signer.header {header[..equals].Trim().ReplaceLineEndings(" ")} has a line break or another character that no header may have");
            headers[header[..equals].Trim()] = header[(equals + 1)..];
        }

        return headers;
    }
}
