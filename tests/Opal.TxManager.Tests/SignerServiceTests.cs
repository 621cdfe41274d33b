using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager.Tests;

/// <summary>A signer service over TLS, with certificates made here.</summary>
public sealed class SignerServiceTests : IDisposable
{
    private static readonly byte[] Key = Mnemonic.PrivateKey(Mnemonic.Development, 3);

    private readonly string _folder = Directory.CreateTempSubdirectory("opal-signer-").FullName;
    private readonly LocalSigner _local = new(Key);
    private readonly List<string> _headers = [];
    private string? _clientName;

    public void Dispose()
    {
        _local.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 Leaf(string name, X509Certificate2 authority, bool isServer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(isServer ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2")], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 signed = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(12), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    private SignerSettings SettingsFor(Uri endpoint, X509Certificate2 authority, X509Certificate2 client)
    {
        string Write(string name, string pem)
        {
            string path = Path.Combine(_folder, name);
            File.WriteAllText(path, pem);
            return path;
        }

        return new SignerSettings
        {
            SignerEndpoint = endpoint, SignerAddress = _local.Address, SignerHeaders = ["X-Tenant=opal=1"],
            TlsCa = Write("ca.crt", authority.ExportCertificatePem()), TlsCertificate = Write("tls.crt", client.ExportCertificatePem()), TlsKey = Write("tls.key", client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
        };
    }

    private RpcRegistry Methods(bool hasHealth = true)
    {
        var registry = new RpcRegistry().Register("eth_signTransaction", async (parameters, _, cancellation) =>
        {
            JsonValue asked = parameters[0];
            bool isBlob = asked.TryGet("blobVersionedHashes", out JsonValue hashes);
            Assert.Equal(isBlob, asked.TryGet("maxFeePerBlobGas", out JsonValue blobFee));
            var transaction = new Transaction
            {
                Type = isBlob ? TransactionType.Blob : TransactionType.DynamicFee, ChainId = asked["chainId"].AsQuantity(), Nonce = asked["nonce"].AsQuantity(),
                MaxFeePerGas = asked["maxFeePerGas"].AsUInt256(), MaxPriorityFeePerGas = asked["maxPriorityFeePerGas"].AsUInt256(), GasLimit = asked["gas"].AsQuantity(),
                To = asked["to"].AsAddress(), Value = asked["value"].AsUInt256(), Data = asked["input"].AsData(),
                MaxFeePerBlobGas = isBlob ? blobFee.AsUInt256() : UInt256.Zero, BlobVersionedHashes = isBlob ? hashes.AsArray(static h => h.AsHash()) : [],
            };
            return RpcResult.Data((await _local.SignAsync(transaction, cancellation)).Encoded);
        });
        if (hasHealth) registry.Register("health_status", _ => RpcResult.String("v1.2.3"));
        return registry;
    }

    private async Task<(WebApplication App, Uri Endpoint)> ServeAsync(X509Certificate2? certificate, X509Certificate2? clientAuthority, bool hasHealth = true)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is null) return;
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = certificate, SslProtocols = SslProtocols.Tls13, ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                ClientCertificateValidation = (client, _, _) =>
                {
                    _clientName = client.Subject;
                    return client.Issuer == clientAuthority!.Subject;
                },
            });
        }));
        WebApplication app = builder.Build();
        var inside = new InProcessRpcClient(Methods(hasHealth));
        app.MapPost("/", async (HttpContext context) =>
        {
            _headers.Add(context.Request.Headers["X-Tenant"].ToString());
            using var asked = await System.Text.Json.JsonDocument.ParseAsync(context.Request.Body);
            System.Text.Json.JsonElement call = asked.RootElement.ValueKind == System.Text.Json.JsonValueKind.Array ? asked.RootElement[0] : asked.RootElement;
            RpcReply[] replies = await inside.SendAsync([new RpcRequest(call.GetProperty("method").GetString()!, writer =>
            {
                foreach (System.Text.Json.JsonElement item in call.GetProperty("params").EnumerateArray()) item.WriteTo(writer);
            })], context.RequestAborted);
            string outcome = replies[0].Error is { } error ? $"\"error\":{{\"code\":{error.Code},\"message\":\"{error.Message}\"}}" : $"\"result\":{replies[0].Result.GetRawText()}";
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync($"{{\"jsonrpc\":\"2.0\",\"id\":{call.GetProperty("id").GetRawText()},{outcome}}}");
        });
        await app.StartAsync();
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return (app, new Uri(address));
    }

    private static Transaction Unsigned(bool isBlob) => new()
    {
        Type = isBlob ? TransactionType.Blob : TransactionType.DynamicFee, ChainId = 900, Nonce = 3, MaxFeePerGas = 20, MaxPriorityFeePerGas = 2, GasLimit = 21_000, To = Address.FromNumber(9), Value = 5,
        Data = new byte[] { 1, 2 }, MaxFeePerBlobGas = isBlob ? (UInt256)7UL : UInt256.Zero, BlobVersionedHashes = isBlob ? [new Hash256(Enumerable.Repeat((byte)1, 32).ToArray())] : [],
    };

    [Fact]
    public async Task Both_sides_show_certificates_and_both_kinds_of_transactions_are_signed()
    {
        using X509Certificate2 authority = Authority("signers"), server = Leaf("server", authority, true), client = Leaf("batcher", authority, false);
        (WebApplication app, Uri endpoint) = await ServeAsync(server, authority);
        await using (app)
        {
            ISigner signer = await Signers.OpenAsync(SettingsFor(endpoint, authority, client), default);
            using (signer as IDisposable)
            {
                foreach (bool isBlob in new[] { false, true })
                {
                    Transaction signed = await signer.SignAsync(Unsigned(isBlob), default);
                    Assert.Equal(Unsigned(isBlob).SigningHash(), signed.SigningHash());
                }
            }
        }

        Assert.Equal("CN=batcher", _clientName);
        Assert.Equal(3, _headers.Count);
        Assert.All(_headers, static header => Assert.Equal("opal=1", header));
    }

    [Fact]
    public async Task A_service_with_another_authority_s_certificate_is_not_spoken_to()
    {
        using X509Certificate2 authority = Authority("signers"), impostor = Authority("impostor"), server = Leaf("server", impostor, true), client = Leaf("batcher", authority, false);
        (WebApplication app, Uri endpoint) = await ServeAsync(server, authority);
        await using (app)
        {
            SignerException error = await Assert.ThrowsAsync<SignerException>(() => Signers.OpenAsync(SettingsFor(endpoint, authority, client), default));
            Assert.Contains("does not answer", error.Message);
        }

        Assert.Empty(_headers);
    }

    [Fact]
    public async Task A_client_that_the_service_does_not_know_is_told()
    {
        using X509Certificate2 authority = Authority("signers"), other = Authority("other"), server = Leaf("server", authority, true), client = Leaf("stranger", other, false);
        (WebApplication app, Uri endpoint) = await ServeAsync(server, authority);
        await using (app) await Assert.ThrowsAsync<SignerException>(() => Signers.OpenAsync(SettingsFor(endpoint, authority, client), default));
        Assert.Empty(_headers);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Plain_http_works_when_it_is_asked_for(bool hasHealth)
    {
        (WebApplication app, Uri endpoint) = await ServeAsync(null, null, hasHealth);
        await using (app)
        {
            ISigner signer = await Signers.OpenAsync(new SignerSettings { SignerEndpoint = endpoint, SignerAddress = _local.Address, SignerTls = false }, default);
            using (signer as IDisposable) Assert.Equal(_local.Address, signer.Address);
        }
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_told_at_the_start()
    {
        SignerException error = await Assert.ThrowsAsync<SignerException>(() => Signers.OpenAsync(
            new SignerSettings { SignerEndpoint = new Uri("http://127.0.0.1:1/secret-path"), SignerAddress = _local.Address, SignerTls = false }, default));
        Assert.Contains("127.0.0.1:1", error.Message);
        Assert.DoesNotContain("secret-path", error.ToString());
    }
}
