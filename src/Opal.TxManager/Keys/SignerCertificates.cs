using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Opal.TxManager;

/// <summary>How a signer service and this program know each other: our certificate, and the authority that signed the service's.</summary>
internal sealed class SignerCertificates
{
    private readonly Lock _gate = new();
    private readonly string _certificatePath, _keyPath;
    private X509Certificate2 _certificate;
    private DateTime _writtenAt;

    private SignerCertificates(string certificatePath, string keyPath)
    {
        (_certificatePath, _keyPath) = (certificatePath, keyPath);
        _writtenAt = WrittenAt();
        _certificate = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
    }

    /// <summary>Reads the PEM files. TLS 1.3 alone is spoken, as op-signer's clients do.</summary>
    /// <exception cref="SignerException">A file cannot be read, or is no certificate or key.</exception>
    public static SslClientAuthenticationOptions Open(SignerSettings settings)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        Try("signer.tls.ca", settings.TlsCa, () => policy.CustomTrustStore.ImportFromPemFile(settings.TlsCa));
        if (policy.CustomTrustStore.Count == 0) throw new SignerException($"{settings.TlsCa} (signer.tls.ca) has no certificate in PEM form");
        SignerCertificates? own = null;
        Try("signer.tls.cert and signer.tls.key", $"{settings.TlsCertificate} and {settings.TlsKey}", () => own = new SignerCertificates(settings.TlsCertificate, settings.TlsKey));
        return new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            CertificateChainPolicy = policy,
            LocalCertificateSelectionCallback = (_, _, _, _, _) => own!.Current(),
        };
    }

    private static void Try(string flag, string paths, Action read)
    {
        try
        {
            read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new SignerException($"cannot use {paths} ({flag}): {error.Message}; without client certificates, set signer.tls.enabled=false", error);
        }
    }

    private DateTime WrittenAt() => File.GetLastWriteTimeUtc(_certificatePath);

    /// <summary>Our certificate; read anew when its file has changed, as certificates of services are renewed often.</summary>
    private X509Certificate2 Current()
    {
        lock (_gate)
        {
            if (WrittenAt() is var written && written != _writtenAt)
            {
                try
                {
                    _certificate = X509Certificate2.CreateFromPemFile(_certificatePath, _keyPath);
                    _writtenAt = written;
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
                {
                    // The files are being replaced: the old certificate serves until the next connection.
                }
            }

            return _certificate;
        }
    }
}
