using System.Buffers.Text;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace Opal.JsonRpc.Tests;

public class JwtTests
{
    private const string Call = """{"jsonrpc":"2.0","id":1,"method":"engine_secret"}""";
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public async Task Callers_without_a_valid_token_get_401()
    {
        await using ServerFixture server = await ServerFixture.StartAsync(e => e with { JwtSecret = ServerFixture.Secret });
        Assert.Equal(401, (await server.PostAsync(Call)).Status);
        var wrong = new byte[32];
        Assert.Equal(401, (await server.PostAsync(Call, r => r.Headers.Add("Authorization", "Bearer " + JwtToken.Create(wrong, DateTimeOffset.UtcNow)))).Status);
        Assert.Equal(401, (await server.PostAsync(Call, r => r.Headers.Add("Authorization", "Bearer " + JwtToken.Create(ServerFixture.Secret, DateTimeOffset.UtcNow.AddSeconds(-90))))).Status);
        await Assert.ThrowsAsync<WebSocketException>(() => WebSocketTester.ConnectAsync(server.Port));
    }

    [Theory]
    [InlineData("absent")]
    [InlineData("wrong key")]
    [InlineData("alg none")]
    [InlineData("RS256")]
    [InlineData("stale")]
    [InlineData("early")]
    [InlineData("no iat")]
    [InlineData("not Bearer")]
    public async Task Every_bad_token_gets_401_and_nothing_is_done(string kind)
    {
        await using ServerFixture server = await ServerFixture.StartAsync(e => e with { JwtSecret = ServerFixture.Secret });
        DateTimeOffset now = DateTimeOffset.UtcNow;
        string? header = kind switch
        {
            "wrong key" => "Bearer " + JwtToken.Create(new byte[32], now),
            "alg none" => "Bearer " + Token("none", now.ToUnixTimeSeconds(), signed: false),
            "RS256" => "Bearer " + Token("RS256", now.ToUnixTimeSeconds(), signed: true),
            "stale" => "Bearer " + JwtToken.Create(ServerFixture.Secret, now.AddSeconds(-70)),
            "early" => "Bearer " + JwtToken.Create(ServerFixture.Secret, now.AddSeconds(70)),
            "no iat" => "Bearer " + Token("HS256", null, signed: true),
            "not Bearer" => "Basic " + JwtToken.Create(ServerFixture.Secret, now),
            _ => null,
        };
        (int status, string body) = await server.PostAsync(Call, r =>
        {
            if (header is not null) r.Headers.TryAddWithoutValidation("Authorization", header);
        });
        Assert.Equal(401, status);
        Assert.DoesNotContain("result", body);
    }

    /// <summary>A token with any algorithm in its head, signed with the right secret all the same.</summary>
    private static string Token(string algorithm, long? issued, bool signed)
    {
        string text = $"{Base64Url.EncodeToString(Encoding.ASCII.GetBytes($$"""{"alg":"{{algorithm}}","typ":"JWT"}"""))}.{Base64Url.EncodeToString(Encoding.ASCII.GetBytes(issued is null ? "{}" : $$"""{"iat":{{issued}}}"""))}";
        return text + "." + (signed ? Base64Url.EncodeToString(HMACSHA256.HashData(ServerFixture.Secret, Encoding.ASCII.GetBytes(text))) : "");
    }

    [Fact]
    public async Task The_client_sends_a_fresh_token_and_is_let_in()
    {
        await using ServerFixture server = await ServerFixture.StartAsync(e => e with { JwtSecret = ServerFixture.Secret, Namespaces = ["engine"] });
        using var client = new HttpRpcClient(server.Url, new HttpRpcClientOptions { JwtSecret = ServerFixture.Secret });
        Assert.True(await client.CallAsync("engine_secret", null, v => v.AsBool()));
        using var stranger = new HttpRpcClient(server.Url, new HttpRpcClientOptions { JwtSecret = new byte[32] });
        RpcTransportException refused = await Assert.ThrowsAsync<RpcTransportException>(() => stranger.CallAsync("engine_secret", null, v => v.AsBool()));
        Assert.Contains("engine_secret at http://127.0.0.1:", refused.Message);
        Assert.Contains("401", refused.Message);
        Assert.Contains("JWT secret", refused.Message);
        Assert.False(refused.IsTransient);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(60, true)]
    [InlineData(-60, true)]
    [InlineData(63, false)]
    [InlineData(-63, false)]
    public void Tokens_are_good_for_a_minute_either_way(int seconds, bool accepted)
    {
        string token = JwtToken.Create(ServerFixture.Secret, Now.AddSeconds(seconds));
        Assert.Equal(accepted, JwtToken.TryVerify(token, ServerFixture.Secret, Now, out string problem));
        if (!accepted) Assert.Contains("stale", problem);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b")]
    [InlineData("a.b.c")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJpYXQiOjE4MDAwMDAwMDB9.")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE4MDAwMDAwMDB9.AAAA")]
    public void Forged_and_malformed_tokens_are_refused(string token) => Assert.False(JwtToken.TryVerify(token, ServerFixture.Secret, Now, out _));

    [Fact]
    public void The_secret_file_is_created_once_and_is_private()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string path = Path.Combine(folder, "geth", "jwtsecret");
            byte[] secret = JwtSecretFile.ReadOrCreate(path);
            Assert.Equal(32, secret.Length);
            Assert.Equal(secret, JwtSecretFile.ReadOrCreate(path));
            Assert.Equal(secret, JwtSecretFile.Read(path));
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            File.WriteAllText(path, "0x1234");
            ConfigFileException error = Assert.Throws<ConfigFileException>(() => JwtSecretFile.ReadOrCreate(path));
            Assert.StartsWith(path, error.Message);
            Assert.Throws<ConfigFileException>(() => JwtSecretFile.Read(path + ".none"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
