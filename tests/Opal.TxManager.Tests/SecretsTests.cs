using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.TxManager.Tests;

/// <summary>Every source of a key is opened well and badly and used, and the secret is looked for in all that leaves the program: logs, errors, settings as text, status, metrics.</summary>
public sealed class SecretsTests : IDisposable
{
    private const string Key = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d", Password = "pa55-w0rd-of-the-keystore",
        Words = "legal winner thank year wave sausage worth useful legal winner thank yellow", User = "tenant", UserPassword = "s3cr3t-of-the-url", PathKey = "0123456789abcdef-path", QueryKey = "fedcba9876543210-query",
        Token = "bearer-t0ken-of-the-header";

    private static readonly string[] Secrets =
    [
        Key, Key[..12], Key[^12..], "c6995e998f", Password, "sausage", "yellow", UserPassword, PathKey, QueryKey, Token,
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{UserPassword}")),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("opal-secrets-").FullName;
    private readonly TxWorld _world = new();
    private readonly List<string> _seen = [];
    private readonly MeterListener _meters = new();

    public SecretsTests()
    {
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (!instrument.Meter.Name.StartsWith("Opal.", StringComparison.Ordinal)) return;
            See($"{instrument.Meter.Name} {instrument.Name} {string.Join(' ', instrument.Meter.Tags ?? [])}");
            listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>(See);
        _meters.SetMeasurementEventCallback<int>(See);
        _meters.SetMeasurementEventCallback<double>(See);
        _meters.Start();
    }

    public void Dispose()
    {
        _meters.Dispose();
        _world.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void See<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        lock (_seen) _seen.Add($"{instrument.Name} {value} {string.Join(' ', tags.ToArray())}");
    }

    private void See(object what)
    {
        lock (_seen) _seen.Add(what.ToString()!);
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private void NothingIsSeen(params string[] wanted)
    {
        lock (_seen)
        {
            _seen.AddRange(_world.Log.Select(static entry => entry.Text));
            Assert.All(wanted, part => Assert.Contains(_seen, text => text.Contains(part, StringComparison.Ordinal)));
            foreach (string secret in Secrets)
            {
                string? leak = _seen.Find(text => text.Contains(secret, StringComparison.OrdinalIgnoreCase));
                Assert.True(leak is null, $"{secret} is in: {leak}");
            }
        }
    }

    /// <summary>Opens it, sends with it until it is confirmed, and sees all that can be seen of it.</summary>
    private async Task UseAsync(SignerSettings settings)
    {
        See(settings);
        foreach (string warning in Signers.Warnings(settings)) See(warning);
        ISigner signer = await Signers.OpenAsync(settings, default);
        See(signer);
        using TransactionManager manager = _world.Manager(signer: signer);
        L1.SendFailures.Enqueue(new RpcError(-32000, "txpool is full"));
        Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Call());
        await _world.AdvanceAsync(60, _world.TickEmpty);
        _meters.RecordObservableInstruments();
        See(manager.Status);
        See(await _world.DoneAsync(sending));
        See(manager.Options);
        (signer as IDisposable)!.Dispose();
        See(await Assert.ThrowsAsync<ObjectDisposedException>(() => _world.DoneAsync(manager.SendAsync(TxWorld.Call()))));
    }

    private FakeL1 L1 => _world.L1;

    private async Task RefusedAsync(SignerSettings settings)
    {
        See(settings);
        See(await Assert.ThrowsAsync<SignerException>(() => Signers.OpenAsync(settings, default)));
    }

    [Fact]
    public void Of_a_private_key_as_text_or_in_a_file() => TestLoop.Run(async () =>
    {
        await UseAsync(new SignerSettings { PrivateKey = Key });
        await UseAsync(new SignerSettings { PrivateKeyFile = Write("key", "0x" + Key + "\n") });
        foreach (string broken in new[] { Key[..^1], Key + "0", Key.Replace('d', 'g'), $"0x0x{Key}", $"\"{Key}\"", Key + "\n" + Key, new string('f', 40) + Key[..24] })
        {
            await RefusedAsync(new SignerSettings { PrivateKey = broken });
            await RefusedAsync(new SignerSettings { PrivateKeyFile = Write("broken", broken) });
            await RefusedAsync(new SignerSettings { Keystore = Write("broken.json", broken), KeystorePasswordFile = Write("password", broken) });
        }

        await RefusedAsync(new SignerSettings { PrivateKey = Key, Mnemonic = Words, HdPath = "m/0" });
        NothingIsSeen("hexadecimal digit", "63 digits", "opal.txmanager.published");
    });

    [Fact]
    public void Of_a_keystore_and_its_password() => TestLoop.Run(async () =>
    {
        string file = Write("key.json", Encoding.UTF8.GetString(Keystore.Encrypt(Hex.Decode("0x" + Key), Password, light: true))), password = Write("password", Password + "\n");
        await UseAsync(new SignerSettings { Keystore = file, KeystorePasswordFile = password });
        await RefusedAsync(new SignerSettings { Keystore = file, KeystorePasswordFile = Write("wrong", Password + Password) });
        await RefusedAsync(new SignerSettings { Keystore = password, KeystorePasswordFile = file }); // the other way round
        await RefusedAsync(new SignerSettings { Keystore = Write("text.json", $"\"{Password}\""), KeystorePasswordFile = file });
        await RefusedAsync(new SignerSettings { Keystore = Write("hex.json", File.ReadAllText(file).Replace("\"ciphertext\":\"", $"\"ciphertext\":\"{Password}", StringComparison.Ordinal)), KeystorePasswordFile = password });
        await RefusedAsync(new SignerSettings { PrivateKeyFile = password });
        NothingIsSeen("the password is wrong", "no keystore");
    });

    [Fact]
    public void Of_a_mnemonic() => TestLoop.Run(async () =>
    {
        await UseAsync(new SignerSettings { Mnemonic = Words, HdPath = "m/44'/60'/0'/0/0" });
        foreach (string path in new[] { "", "44", "m/x", "m/99999999999", "m//0" }) await RefusedAsync(new SignerSettings { Mnemonic = Words, HdPath = path });
        foreach (string words in new[] { Words + " extra", Words.Replace("year", "yeår"), "", "sausage" }) await RefusedAsync(new SignerSettings { Mnemonic = words, HdPath = "m/0" });
        await RefusedAsync(new SignerSettings { Mnemonic = Words });
        NothingIsSeen("13 words", "must be ASCII");
    });

    /// <summary>Answers as signer services and the proxies before them do when something is wrong, with everything they were sent.</summary>
    private static async Task EchoAsync(HttpContext context, string how)
    {
        HttpRequest asked = context.Request;
        string all = $"{asked.Path}{asked.QueryString} {Uri.UnescapeDataString(asked.Path)} {asked.Headers.Authorization} {asked.Headers["X-Api-Key"]}";
        if (how == "error")
        {
            await context.Response.WriteAsync($$$"""{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"not allowed: {{{all}}}"}}""");
            return;
        }

        context.Response.StatusCode = how == "unauthorized" ? 401 : 404;
        await context.Response.WriteAsync($"Cannot POST {all}");
    }

    [Theory]
    [InlineData("refused", "Cannot POST")]
    [InlineData("unauthorized", "the endpoint wants credentials")]
    [InlineData("error", "not allowed")]
    [InlineData("away", "connection refused")]
    public async Task Of_a_signer_service(string how, string wanted)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using WebApplication app = builder.Build();
        app.MapFallback(context => EchoAsync(context, how));
        await app.StartAsync();
        int port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        if (how == "away") await app.StopAsync();
        var settings = new SignerSettings
        {
            SignerEndpoint = new Uri($"http://{User}:{UserPassword}@127.0.0.1:{port}/v1/{PathKey}?key={QueryKey}"), SignerAddress = _world.Signer.Address, SignerTls = false,
            SignerHeaders = [$"X-Api-Key={Token}", $"Authorization=Bearer {Token}"],
        };
        await RefusedAsync(settings);
        await RefusedAsync(settings with { SignerHeaders = [] });
        await RefusedAsync(settings with { SignerHeaders = [Token] });
        await RefusedAsync(settings with { SignerHeaders = [$"X-Api-Key={Token}\r\nX-More: {Token}"] });
        await RefusedAsync(settings with { SignerTls = true });
        await RefusedAsync(settings with { SignerEndpoint = new Uri($"ftp://{User}:{UserPassword}@127.0.0.1/{PathKey}") });
        await RefusedAsync(settings with { SignerEndpoint = new UriBuilder(settings.SignerEndpoint) { Scheme = "https" }.Uri, SignerTls = true, TlsCa = Path.Combine(_folder, "none") });
        See(Assert.Throws<ArgumentException>(() => new HttpRpcClient(new UriBuilder(settings.SignerEndpoint) { Scheme = "ws" }.Uri)));

        // and what the manager makes of it when it happens later
        using var service = new HttpRpcClient(settings.SignerEndpoint!, new HttpRpcClientOptions { Headers = new Dictionary<string, string> { ["X-Api-Key"] = Token }, Retry = new RpcRetryPolicy(1, TimeSpan.Zero, TimeSpan.Zero) });
        using var remote = new RemoteSigner(service, _world.Signer.Address, NativeCrypto.Instance);
        Exception failure = await Assert.ThrowsAnyAsync<Exception>(async () => await remote.SignAsync(new Transaction { Type = TransactionType.DynamicFee, ChainId = 900, To = Address.FromNumber(1) }, default));
        See(failure);
        TestLoop.Run(async () =>
        {
            using TransactionManager manager = _world.Manager(signer: new FailingSigner(_world.Signer.Address, failure));
            Task<TxReceiptInfo> sending = manager.SendAsync(TxWorld.Call());
            await _world.AdvanceAsync(5);
            See(manager.Status);
            See(await _world.FailsAsync(sending));
        });
        NothingIsSeen(wanted, "the signer did not sign", "NAME=VALUE", "line break");
    }

    private sealed class FailingSigner(Address address, Exception failure) : ISigner
    {
        public Address Address => address;

        public ValueTask<Transaction> SignAsync(Transaction unsigned, CancellationToken cancellation) => ValueTask.FromException<Transaction>(failure);
    }
}
