using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.Cli.Tests.Flags;
using Opal.Primitives;

namespace Opal.Cli.Tests.Geth;

public sealed class FlagParserTests
{
    private static readonly FlagTable Table = new("opal test", "TEST_",
    [
        new("http", FlagKind.Bool, "false", FlagLevel.Must, "API", "Serve"),
        new("http.port", FlagKind.Number, "8545", FlagLevel.Must, "API", "Port") { Toml = "Node.HTTPPort" },
        new("http.api", FlagKind.List, "net,web3", FlagLevel.Must, "API", "Namespaces") { Aliases = ["apis"] },
        new("wait", FlagKind.Duration, "5s", FlagLevel.Must, "API", "Time"),
        new("cap", FlagKind.Ether, "1", FlagLevel.Must, "API", "Ether"),
        new("metrics", FlagKind.BoolOrAddress, "false", FlagLevel.Must, "API", "Metrics"),
        new("mode", FlagKind.Choice, "full", FlagLevel.Must, "API", "Mode") { Choices = ["full", "archive"] },
        new("url", FlagKind.Url, "", FlagLevel.Must, "API", "URL"),
        new("key", FlagKind.Text, "", FlagLevel.Must, "API", "Key") { IsSecret = true },
        new("old", FlagKind.Bool, "false", FlagLevel.Deprecated, "OLD", "Old") { Effect = FlagEffect.Ignored, Note = "it is old" },
        new("never", FlagKind.Text, "", FlagLevel.Later, "OLD", "Never") { Effect = FlagEffect.Refused, Note = "it is not built" },
    ]);

    private static FlagValues Parse(string line, params (string, string)[] environment) =>
        FlagParser.Parse(Table, line.Split(' ', StringSplitOptions.RemoveEmptyEntries), environment.Select(e => new KeyValuePair<string, string>(e.Item1, e.Item2)));

    [Theory]
    [InlineData("--http.port 9", 9ul)]
    [InlineData("--http.port=9", 9ul)]
    [InlineData("-http.port 9", 9ul)]
    [InlineData("-http.port=0x9", 9ul)]
    [InlineData("--http.port=1 --http.port=9", 9ul)]
    [InlineData("", 8545ul)]
    public void Values_stand_beside_or_after_an_equals_sign(string line, ulong port) => Assert.Equal(port, Parse(line).Number("http.port"));

    [Theory]
    [InlineData("--http", true)]
    [InlineData("--http=true", true)]
    [InlineData("--http=1", true)]
    [InlineData("--http=false", false)]
    [InlineData("--http=0", false)]
    [InlineData("", false)]
    public void Booleans_stand_bare_or_with_a_value(string line, bool expected) => Assert.Equal(expected, Parse(line).Bool("http"));

    [Fact]
    public void A_bare_boolean_takes_no_word_with_it()
    {
        FlagValues values = Parse("--http init genesis.json --http.port=1");
        Assert.True(values.Bool("http"));
        Assert.Equal(["init", "genesis.json"], values.Words);
        Assert.Equal(1ul, values.Number("http.port"));
        Assert.Equal(["--http"], Parse("-- --http").Words);
    }

    [Fact]
    public void Lists_repeat_and_hold_commas_and_replace_their_default()
    {
        Assert.Equal(["net", "web3"], Parse("").List("http.api"));
        Assert.Equal(["eth", "debug", "txpool"], Parse("--http.api=eth,debug --apis txpool").List("http.api"));
        Assert.Equal(["eth"], Parse("--http.api eth", ("TEST_HTTP_API", "debug")).List("http.api"));
    }

    [Theory]
    [InlineData("300ms", 300)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("2m", 120_000)]
    [InlineData("1.5s", 1500)]
    [InlineData("5000000ns", 5)]
    public void Durations_are_Gos(string text, int milliseconds) => Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Parse($"--wait={text}").Duration("wait"));

    [Theory]
    [InlineData("1", 1_000_000_000_000_000_000)]
    [InlineData("0.25", 250_000_000_000_000_000)]
    [InlineData(".5", 500_000_000_000_000_000)]
    [InlineData("0", 0)]
    public void Ether_becomes_wei(string text, ulong wei) => Assert.Equal(new UInt256(wei), Parse($"--cap={text}").Ether("cap"));

    [Theory]
    [InlineData("--htp", "unknown flag '--htp'; did you mean '--http'?")]
    [InlineData("--http.prot=1", "unknown flag '--http.prot'; did you mean '--http.port'?")]
    [InlineData("--somethingelse", "unknown flag '--somethingelse'")]
    [InlineData("--http.port", "flag --http.port needs a value: --http.port=VALUE")]
    [InlineData("--http.port --http", "flag --http.port needs a value: --http.port=VALUE")]
    [InlineData("--http.port=abc", "--http.port: 'abc' is no whole number from 0 to 2^64-1")]
    [InlineData("--http.port=-1", "--http.port: '-1' is no whole number from 0 to 2^64-1")]
    [InlineData("--http=maybe", "--http: 'maybe' is neither true nor false")]
    [InlineData("--wait=soon", "--wait: 'soon' is no duration, written as 300ms, 12s or 1h30m")]
    [InlineData("--mode=light", "--mode: 'light' is none of full, archive")]
    [InlineData("--url=localhost", "--url: 'localhost' is no URL, written as http://127.0.0.1:8545")]
    [InlineData("--never=x", "--never: it is not built")]
    public void What_cannot_be_used_is_named_with_its_remedy(string line, string message) => Assert.Equal(message, Assert.Throws<FlagException>(() => Parse(line)).Message);

    [Fact]
    public void A_secret_is_not_repeated_in_an_error_or_a_description()
    {
        FlagValues values = Parse("--key=hunter2 --url=https://user:pass@provider.example/v2/token?a=b");
        string described = values.Describe("API");
        Assert.DoesNotContain("hunter2", described);
        Assert.DoesNotContain("pass", described);
        Assert.DoesNotContain("token", described);
        Assert.Contains("key=*** ", described + " ");
        Assert.Contains("url=https://***@provider.example/***", described);
    }

    [Fact]
    public void Command_line_beats_environment_beats_file_beats_default()
    {
        (string, string) variable = ("TEST_HTTP_PORT", "2");
        const string File = "[Node]\nHTTPPort = 3\n";
        FlagValues all = Parse("--http.port=1", variable), noFlag = Parse("", variable), fileOnly = Parse("");
        foreach (FlagValues values in new[] { all, noFlag, fileOnly }) TomlConfig.Read(values, File, "test.toml");
        Assert.Equal((1ul, FlagSource.CommandLine), (all.Number("http.port"), all.SourceOf("http.port")));
        Assert.Equal((2ul, FlagSource.Environment), (noFlag.Number("http.port"), noFlag.SourceOf("http.port")));
        Assert.Equal((3ul, FlagSource.ConfigFile), (fileOnly.Number("http.port"), fileOnly.SourceOf("http.port")));
        Assert.Equal((8545ul, FlagSource.Default), (Parse("").Number("http.port"), Parse("").SourceOf("http.port")));
    }

    [Fact]
    public void A_variable_that_sets_nothing_is_warned_about_and_a_wrong_value_names_the_variable()
    {
        FlagValues values = Parse("", ("TEST_HTTP_PROT", "1"), ("OTHER_HTTP", "x"), ("TEST_APIS", "eth"));
        Assert.Equal(["the environment variable TEST_HTTP_PROT sets no flag; did you mean TEST_HTTP_PORT?"], values.Warnings);
        Assert.Equal(["eth"], values.List("http.api"));
        Assert.StartsWith("TEST_HTTP_PORT: 'x'", Assert.Throws<FlagException>(() => Parse("", ("TEST_HTTP_PORT", "x"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_old_flag_is_accepted_with_a_warning_unless_it_switches_nothing_on()
    {
        Assert.Equal(["--old is accepted and has no effect: it is old"], Parse("--old").Warnings);
        Assert.Empty(Parse("--old=false").Warnings);
    }

    [Theory]
    [InlineData("--metrics", true, 0)]
    [InlineData("--metrics=127.0.0.1:9001", true, 0)]
    [InlineData("--metrics 0.0.0.0:9001", true, 0)]
    [InlineData("--metrics run", true, 1)]
    [InlineData("--metrics=false", false, 0)]
    public void Metrics_may_name_their_address_as_reth_has_it(string line, bool on, int words)
    {
        FlagValues values = Parse(line);
        Assert.Equal(on, values.Bool("metrics"));
        Assert.Equal(words, values.Words.Count);
    }

    [Fact]
    public void Every_flag_of_the_client_has_a_good_default_a_group_and_a_variable_of_its_own() => FlagChecks.AreWellFormed(GethFlags.Table);
}
