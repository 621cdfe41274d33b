using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>Where the key of an account comes from; exactly one source is set. <see cref="ToString"/> names the source and never shows a secret.</summary>
public sealed record SignerSettings
{
    /// <summary>A private key, 64 hex digits with or without 0x (<c>private-key</c>).</summary>
    public string? PrivateKey { get; init; }

    /// <summary>A file that holds such a key (<c>private-key-file</c>).</summary>
    public string? PrivateKeyFile { get; init; }

    /// <summary>An encrypted key file, Web3 Secret Storage version 3 (<c>keystore</c>).</summary>
    public string? Keystore { get; init; }

    /// <summary>The file whose first line is the password of <see cref="Keystore"/> (<c>keystore-password-file</c>).</summary>
    public string? KeystorePasswordFile { get; init; }

    /// <summary>A BIP-39 mnemonic (<c>mnemonic</c>); needs <see cref="HdPath"/>.</summary>
    public string? Mnemonic { get; init; }

    /// <summary>The BIP-32 path of the key (<c>hd-path</c>), as m/44'/60'/0'/0/0.</summary>
    public string? HdPath { get; init; }

    /// <summary>A signer service (<c>signer.endpoint</c>); needs <see cref="SignerAddress"/>.</summary>
    public Uri? SignerEndpoint { get; init; }

    /// <summary>The account that the service signs for (<c>signer.address</c>).</summary>
    public Address? SignerAddress { get; init; }

    /// <summary>Headers sent to the service, NAME=VALUE (<c>signer.header</c>).</summary>
    public IReadOnlyList<string> SignerHeaders { get; init; } = [];

    /// <summary>Whether the service is spoken to with client certificates (<c>signer.tls.enabled</c>).</summary>
    public bool SignerTls { get; init; } = true;

    /// <summary>The authority that signed the service's certificate, PEM (<c>signer.tls.ca</c>).</summary>
    public string TlsCa { get; init; } = "tls/ca.crt";

    /// <summary>Our certificate, PEM (<c>signer.tls.cert</c>).</summary>
    public string TlsCertificate { get; init; } = "tls/tls.crt";

    /// <summary>Its key, PEM (<c>signer.tls.key</c>).</summary>
    public string TlsKey { get; init; } = "tls/tls.key";

    /// <summary>The source, without secrets.</summary>
    public override string ToString() => this switch
    {
        { SignerEndpoint: { } service } => $"signer service at {service.Host}:{service.Port}",
        { Keystore: { } file } => $"key file {file}",
        { PrivateKeyFile: { } file } => $"private key in {file}",
        { Mnemonic: not null } => $"mnemonic, path {HdPath}",
        { PrivateKey: not null } => "private key",
        _ => "no key",
    };
}
