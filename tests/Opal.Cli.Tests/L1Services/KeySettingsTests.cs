using Opal.Cli.Batcher;
using Opal.Cli.Flags;
using Opal.Cli.L1Services;
using Opal.Cli.Proposer;
using Opal.Cli.Tests.Flags;
using Opal.Primitives;
using Opal.TxManager;

namespace Opal.Cli.Tests.L1Services;

/// <summary>Where the key comes from: exactly one place, and what is missing is said.</summary>
public sealed class KeySettingsTests
{
    private const string Key = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

    private static FlagValues Parse(string[] arguments, params (string, string)[] environment) => FlagChecks.Parse(BatcherFlags.Table, arguments, environment);

    [Fact]
    public void A_key_in_the_environment_is_taken_without_a_warning()
    {
        FlagValues values = Parse([], ("OP_BATCHER_PRIVATE_KEY", Key));
        Assert.Equal(Key, KeySettings.Read(values).PrivateKey);
        Assert.Empty(values.Warnings);
    }

    [Theory]
    [InlineData("--private-key", Key)]
    [InlineData("--mnemonic", "test test test test test test test test test test test junk")]
    public void A_secret_on_the_command_line_is_warned_about_and_not_repeated(string flag, string secret)
    {
        FlagValues values = Parse([flag, secret, .. flag == "--mnemonic" ? new[] { "--hd-path=m/44'/60'/0'/0/0" } : []]);
        KeySettings.Read(values);
        string warning = Assert.Single(values.Warnings, static warning => warning.Contains("(ps)", StringComparison.Ordinal));
        Assert.Contains(flag, warning);
        Assert.Contains("OP_BATCHER_", warning);
        Assert.DoesNotContain(values.Warnings, text => text.Contains(secret, StringComparison.Ordinal));
        Assert.DoesNotContain(secret, values.Describe(L1ServiceFlags.Key));
    }

    [Theory]
    [InlineData("", "OP_BATCHER_PRIVATE_KEY")]
    [InlineData("--keystore=k", "--keystore-password-file")]
    [InlineData("--mnemonic=words", "--hd-path")]
    [InlineData("--signer.endpoint=http://signer:1", "--signer.address")]
    [InlineData("--private-key-file=k --keystore=l --keystore-password-file=p", "leave one out")]
    [InlineData("--private-key-file=k --sequencer-hd-path=m/1", "--sequencer-hd-path belongs to --mnemonic")]
    [InlineData("--private-key-file=k --signer.address=0x00000000000000000000000000000000000000a1", "--signer.address belongs to --signer.endpoint")]
    public void Anything_but_one_whole_source_is_refused_with_the_way_out(string line, string part) =>
        Assert.Contains(part, Assert.Throws<FlagException>(() => KeySettings.Read(Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))).Message);

    [Fact]
    public void Two_sources_are_named_as_they_were_given()
    {
        FlagException error = Assert.Throws<FlagException>(() => KeySettings.Read(Parse(["--private-key-file=k"], ("OP_BATCHER_PRIVATE_KEY", Key))));
        Assert.Contains("OP_BATCHER_PRIVATE_KEY and --private-key-file", error.Message);
        Assert.DoesNotContain(Key[..8], error.Message);
    }

    [Fact]
    public void A_signer_service_has_its_parts()
    {
        SignerSettings settings = KeySettings.Read(Parse(["--signer.endpoint=https://signer:9000", "--signer.address=0x00000000000000000000000000000000000000a1", "--signer.header=A=1", "--signer.header=B=2", "--signer.tls.ca=ca", "--signer.tls.cert=c", "--signer.tls.key=k"]));
        Assert.Equal(("signer", Address.FromNumber(0xa1), true, "ca", "c", "k"), (settings.SignerEndpoint!.Host, settings.SignerAddress!.Value, settings.SignerTls, settings.TlsCa, settings.TlsCertificate, settings.TlsKey));
        Assert.Equal(["A=1", "B=2"], settings.SignerHeaders);
    }

    [Theory]
    [InlineData("--num-confirmations=0", "--num-confirmations")]
    [InlineData("--fee-limit-multiplier=0", "--fee-limit-multiplier")]
    [InlineData("--resubmission-timeout=0s", "--resubmission-timeout")]
    [InlineData("--network-timeout=0s", "--network-timeout")]
    [InlineData("--txmgr.receipt-query-interval=0s", "--txmgr.receipt-query-interval")]
    [InlineData("--txmgr.max-tip-cap=0.5", "--txmgr.max-tip-cap")]
    [InlineData("--txmgr.max-basefee=0.5", "--txmgr.max-basefee")]
    [InlineData("--txmgr.min-basefee=0.5", "--txmgr.min-basefee must not be below txmgr.min-tip-cap")]
    public void Values_that_nothing_can_be_sent_with_are_refused_by_name(string line, string part) =>
        Assert.Contains(part, Assert.Throws<FlagException>(() => SendSettings.Read(Parse([line]))).Message);

    [Fact]
    public void Fees_are_given_in_gwei()
    {
        TxManagerOptions options = SendSettings.Read(Parse(["--txmgr.min-tip-cap=0.25", "--txmgr.max-tip-cap=3", "--txmgr.max-basefee=200", "--txmgr.fee-limit-threshold=50.5", "--txmgr.cell-proof-time=77", "--txmgr.min-blob-tx-fee=2"]));
        Assert.Equal((250_000_000ul, 3_000_000_000ul, 200_000_000_000ul, 50_500_000_000ul, 77ul, 2_000_000_000ul),
            ((ulong)options.MinTip, (ulong)options.MaxTip!.Value, (ulong)options.MaxBaseFee!.Value, (ulong)options.FeeLimitThreshold, options.CellProofTime!.Value, (ulong)options.MinBlobFee));
        Assert.Null(SendSettings.Read(Parse([])).MaxTip);
    }

    private const string Hidden = "s3cr3t-that-nobody-sees";

    [Theory]
    [InlineData("--signer.endpoint=htps://user:HIDDEN@signer/")]
    [InlineData("--signer.endpoint=https//signer/HIDDEN")]
    [InlineData("--signer.endpoint=signer:9000?key=HIDDEN")]
    [InlineData("--signer.endpoint=https://user:HIDDEN@signer/HIDDEN?key=HIDDEN")]
    [InlineData("--signer.header=HIDDEN")]
    [InlineData("--signer.address=0xKEY")]
    [InlineData("--signer.address=KEY")]
    [InlineData("--private-key= HIDDEN")]
    [InlineData("--private-key=HIDDEN HIDDEN")]
    [InlineData("--mnemonic test HIDDEN test")]
    [InlineData("--mnemonic=HIDDEN --hd-path=44")]
    [InlineData("--private-key=HIDDEN --private-key-file=k")]
    [InlineData("--private-kye=HIDDEN")]
    [InlineData("--l1-eth-rpc=HIDDEN")]
    [InlineData("--l1-eth-rpc=https://user:HIDDEN@host/HIDDEN --rollup-rpc=ftp://user:HIDDEN@host --l2-eth-rpc=http://host/HIDDEN")]
    [InlineData("--throttle.additional-endpoints=http://user:HIDDEN@host/HIDDEN")]
    public void No_secret_is_repeated_wherever_it_stands_and_whatever_is_wrong(string line)
    {
        string[] words = line.Replace("HIDDEN", Hidden, StringComparison.Ordinal).Replace("KEY", Key, StringComparison.Ordinal).Split(' ');
        foreach (FlagTable table in new[] { BatcherFlags.Table, ProposerFlags.Table })
        {
            var seen = new List<string>();
            try
            {
                FlagValues values = FlagChecks.Parse(table, words);
                seen.AddRange(values.Table.All.Select(static flag => flag.Group).Distinct().Select(values.Describe));
                if (values.Words.Count > 0) seen.Add(Assert.Throws<FlagException>(values.RequireNoWords).Message);
                seen.Add(KeySettings.Read(values).ToString());
                seen.AddRange(values.Warnings);
            }
            catch (FlagException error)
            {
                seen.Add(error.ToString());
            }

            Assert.NotEmpty(seen);
            foreach (string secret in new[] { Hidden, Key, Key[..12] }) Assert.DoesNotContain(seen, text => text.Contains(secret, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public void No_server_s_user_password_or_key_is_described_by_any_flag()
    {
        const string Url = $"https://user:{Hidden}@host/{Hidden}";
        foreach (FlagTable table in new[] { BatcherFlags.Table, ProposerFlags.Table })
        {
            FlagDefinition[] servers = [.. table.All.Where(static flag => flag.Kind == FlagKind.Url || flag.Name.EndsWith("rpc", StringComparison.Ordinal) || flag.Name.Contains("endpoint", StringComparison.Ordinal))];
            Assert.True(servers.Length >= 3);
            foreach (FlagDefinition flag in servers.Where(static flag => flag.Effect != FlagEffect.Refused))
            {
                FlagValues values = FlagChecks.Parse(table, [], (table.VariableOf(flag), Url));
                Assert.True(values.IsGiven(flag.Name));
                Assert.DoesNotContain(Hidden, values.Describe(flag.Group));
                Assert.DoesNotContain(values.Warnings, static warning => warning.Contains(Hidden, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void A_word_too_many_is_named_where_no_secret_stands_beside_it() =>
        Assert.Equal("unexpected word 'now'", Assert.Throws<FlagException>(Parse(["now", "--private-key-file=k"]).RequireNoWords).Message);
}
