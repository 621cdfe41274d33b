using System.Text.Json;
using Opal.Benchmarks;

namespace Opal.Cli.Tests.Bench;

public sealed class BenchReportTests
{
    private static JsonElement Json(params BenchRecord[] records)
    {
        var text = new StringWriter();
        BenchRecord.Write(records, text);
        return JsonDocument.Parse(text.ToString()).RootElement;
    }

    [Fact]
    public void Json_is_an_array_of_objects_with_the_promised_names()
    {
        JsonElement record = Json(new BenchRecord { Name = "n", Group = "g", GasUsed = 2_000_000, Output = "0x01", Times = new Samples([1, 2, 4]), First = 9 })[0];
        Assert.Equal(["name", "group", "gasUsed", "output", "runs", "min_s", "median_s", "max_s", "mgas_s", "first_s"], record.EnumerateObject().Select(p => p.Name));
        Assert.Equal("""{"name":"n","group":"g","gasUsed":2000000,"output":"0x01","runs":3,"min_s":1,"median_s":2,"max_s":4,"mgas_s":1,"first_s":9}""", JsonSerializer.Serialize(record));
    }

    [Fact]
    public void A_wrong_result_has_no_times_and_says_what_was_wrong()
    {
        JsonElement record = Json(new BenchRecord { Name = "n", Group = "g", GasUsed = 1, Problem = "gas 1, expected 2" })[0];
        Assert.Equal(JsonValueKind.Null, record.GetProperty("median_s").ValueKind);
        Assert.Equal(JsonValueKind.Null, record.GetProperty("mgas_s").ValueKind);
        Assert.Equal("gas 1, expected 2", record.GetProperty("problem").GetString());
    }

    [Fact]
    public void The_peers_times_are_told_beside_ours()
    {
        JsonElement record = Json(new BenchRecord { Name = "n", Group = "g", Times = new Samples([1]), Peer = new PeerTimes("anvil", new Samples([3]), IsUnsure: true) })[0];
        Assert.Equal("anvil", record.GetProperty("peer").GetString());
        Assert.Equal(3, record.GetProperty("peer_median_s").GetDouble());
        Assert.True(record.GetProperty("peer_unsure").GetBoolean());
    }

    [Fact]
    public void A_piped_table_is_aligned_text()
    {
        var text = new StringWriter();
        var table = new TextTable("title", "name", "value");
        table.Add("a", "1");
        table.Add("longer", "12345");
        table.Write(new BenchOutput(text, TextWriter.Null, isTerminal: false));
        Assert.Equal(["title", "name    value", "a           1", "longer  12345"], text.ToString().Split(Environment.NewLine)[..4]);
    }

    [Theory]
    [InlineData("0,100k,1M", new[] { 0, 100_000, 1_000_000 })]
    [InlineData(" 10M ", new[] { 10_000_000 })]
    [InlineData("5,5", new[] { 5 })]
    public void Numbers_of_accounts_may_be_short(string text, int[] expected)
    {
        Assert.True(BlocksCommand.TryReadAccounts(text, out int[] numbers, out _));
        Assert.Equal(expected, numbers);
    }

    [Theory]
    [InlineData("")]
    [InlineData("many")]
    [InlineData("-1")]
    [InlineData("1G")]
    [InlineData("9999M")]
    public void What_is_no_number_of_accounts_is_named(string text)
    {
        Assert.False(BlocksCommand.TryReadAccounts(text, out _, out string problem));
        Assert.StartsWith("--accounts: ", problem, StringComparison.Ordinal);
    }
}
