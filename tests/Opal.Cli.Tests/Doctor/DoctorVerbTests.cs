using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Opal.Cli.Doctor;
using Opal.Cli.Flags;
using Opal.Cli.Node;
using Opal.Devnet;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Testing;
using Spectre.Console;

namespace Opal.Cli.Tests.Doctor;

public sealed class DoctorVerbTests
{
    [Fact]
    public void The_page_lists_every_check_as_the_program_does()
    {
        string page = File.ReadAllText(Path.Combine(Vectors.RepositoryRoot, "docs", "doctor.md"));
        const string begin = "<!-- checks: 'opal doctor --list' writes them, a test compares -->\n", end = "<!-- /checks -->";
        int from = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length, to = page.IndexOf(end, StringComparison.Ordinal);
        Assert.True(AllChecks.Markdown() == page[from..to], "docs/doctor.md is behind: put the output of 'opal doctor --list' between its marks");
    }

    [Fact]
    public void Every_flag_of_the_node_is_one_of_the_doctor()
    {
        foreach (FlagDefinition flag in NodeFlags.Table.All) Assert.Same(flag, DoctorFlags.Table.Find(flag.Name));
        foreach (string own in new[] { "devnet", "json", "brief", "only", "list", "check-timeout", "l2.eth", "batcher", "proposer", "l1-deployments" }) Assert.NotNull(DoctorFlags.Table.Find(own));
    }

    [Theory]
    [InlineData("--l2=http://127.0.0.1:1")] // no rollup
    [InlineData("--rollup.config=x")] // no engine
    [InlineData("--rollup.config=x --l2=http://127.0.0.1:1 word")]
    [InlineData("--rollup.config=x --l2=http://127.0.0.1:1 --only=nothing")]
    [InlineData("--rollup.config=x --l2=http://127.0.0.1:1 --batcher=0x12")]
    [InlineData("--rollup.config=x --l2=http://127.0.0.1:1 --check-timeout=0s")]
    [InlineData("--rollup.config=x --l2=ws://127.0.0.1:1")]
    [InlineData("--devnet=/no/such/folder")]
    [InlineData("--unknown")]
    public async Task Wrong_usage_ends_with_2(string arguments) => Assert.Equal(2, await DoctorVerb.RunAsync(arguments.Split(' ')));

    [Fact]
    public async Task Dead_endpoints_end_with_1_and_in_time()
    {
        using var folder = new TempFolder();
        using var world = new DoctorWorld();
        string rollup = folder.Write("rollup.json", JsonText.Of(writer => RollupConfigFile.Write(writer, world.Rollup)));
        long from = TimeProvider.System.GetTimestamp();
        // a listener that never answers, and ports where nobody listens
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        int port = ((IPEndPoint)silent.LocalEndpoint).Port;
        Assert.Equal(1, await DoctorVerb.RunAsync([$"--rollup.config={rollup}", $"--l1=http://127.0.0.1:{port},http://127.0.0.1:1", $"--l1.beacon=http://127.0.0.1:{port}", $"--l2=http://127.0.0.1:{port}", "--check-timeout=2s", $"--datadir={folder.Root}", "--brief"]));
        Assert.True(TimeProvider.System.GetElapsedTime(from) < TimeSpan.FromSeconds(10));
        Assert.Equal(["rollup.json"], Directory.EnumerateFileSystemEntries(folder.Root).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_check_alone_can_be_asked_for()
    {
        using var folder = new TempFolder();
        using var world = new DoctorWorld();
        string rollup = folder.Write("rollup.json", JsonText.Of(writer => RollupConfigFile.Write(writer, world.Rollup)));
        Assert.Equal(0, await DoctorVerb.RunAsync([$"--rollup.config={rollup}", "--l1=http://127.0.0.1:1", "--l2=http://127.0.0.1:1", "--only=rollup.file,rollup.fork-order", "--json"]));
        Assert.Equal(["rollup.file", "security.admin", "security.metrics", "security.plain-http", "security.command-line", "security.trusted-l1"], AllChecks.Named(["security", "rollup.file"]).Select(static check => check.Id));
    }

    [Fact]
    public async Task The_table_and_the_JSON_say_the_same()
    {
        using var world = new DoctorWorld();
        world.Engine.GoDown();
        IReadOnlyList<(Check Check, CheckResult Result)> results = await Examination.RunAsync(AllChecks.List, world.Examine(), TimeSpan.FromSeconds(20), default);
        using var json = new MemoryStream();
        DoctorJson.Write(json, results);
        using JsonDocument document = JsonDocument.Parse(json.ToArray());
        Assert.False(document.RootElement.GetProperty("ok").GetBoolean());
        Assert.Equal(AllChecks.List.Count, document.RootElement.GetProperty("checks").GetArrayLength());
        JsonElement engine = document.RootElement.GetProperty("checks").EnumerateArray().Single(static check => check.GetProperty("id").GetString() == "engine.reachable");
        Assert.Equal("failed", engine.GetProperty("status").GetString());
        Assert.Contains("--authrpc.port", engine.GetProperty("fix").GetString(), StringComparison.Ordinal);

        string whole = Text(results, brief: false), brief = Text(results, brief: true);
        Assert.Contains("engine.reachable", brief, StringComparison.Ordinal);
        Assert.Contains("→ start the execution client", brief, StringComparison.Ordinal);
        Assert.DoesNotContain("l1.reachable", brief, StringComparison.Ordinal);
        foreach (Check check in AllChecks.List) Assert.Contains(check.Id, whole, StringComparison.Ordinal);
        Assert.Contains("the node cannot work like this", whole, StringComparison.Ordinal);
    }

    private static string Text(IReadOnlyList<(Check Check, CheckResult Result)> results, bool brief)
    {
        using var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 200;
        console.Write(DoctorView.Render(results, brief, TimeSpan.FromSeconds(1)));
        return text.ToString();
    }

    [Fact]
    public void A_devnet_gives_its_flags_itself_and_the_command_line_goes_before()
    {
        using var folder = new TempFolder();
        var devnet = new DevnetDescription
        {
            L1ChainId = 900, L1Rpc = new Uri("http://127.0.0.1:1001"), L1Beacon = new Uri("http://127.0.0.1:1002"), L2ChainId = 901, L2Rpc = new Uri("http://127.0.0.1:1003"), L2WebSocket = new Uri("ws://127.0.0.1:1004"),
            L2Engine = new Uri("http://127.0.0.1:1005"), JwtFile = "/d/jwt.txt", NodeRpc = new Uri("http://127.0.0.1:1006"), VerifierL2Rpc = null, VerifierNodeRpc = null, BatcherRpc = new Uri("http://127.0.0.1:1007"),
            ProposerRpc = new Uri("http://127.0.0.1:1008"), RollupConfigFile = "/d/rollup.json", GenesisFile = "/d/genesis.json", Addresses = [KeyValuePair.Create("SystemConfigProxy", Address.FromNumber(5))],
            Accounts = [new DevnetAccount(Address.FromNumber(1), new byte[32])], Roles = [KeyValuePair.Create("batcher", Address.FromNumber(7)), KeyValuePair.Create("proposer", Address.FromNumber(8))],
        };
        devnet.Write(folder.Root);
        FlagValues values = FlagParser.Parse(DoctorFlags.Table, ["--l1=http://127.0.0.1:5"], []);
        DevnetSource.Fill(values, folder.Root);
        Assert.Equal("http://127.0.0.1:5", values.Text("l1"));
        Assert.Equal("http://127.0.0.1:1002", values.Text("l1.beacon"));
        Assert.Equal("http://127.0.0.1:1005", values.Text("l2"));
        Assert.Equal(("/d/jwt.txt", "/d/rollup.json"), (values.Text("l2.jwt-secret"), values.Text("rollup.config")));
        Assert.Equal("http://127.0.0.1:1006/", DoctorConnections.NodeUrl(values).ToString());
        Assert.Equal(Address.FromNumber(7), Examined.AddressOf(values, "batcher"));
    }

    [Fact]
    public void A_deployment_names_its_contracts()
    {
        using var world = new DoctorWorld();
        Examined examined = world.Flag("--l1-deployments=" + world.Folder.Write("deployments.json", $$"""{"L2OutputOracleProxy":"{{DoctorWorld.Oracle}}"}""")).Examine();
        Assert.Equal(DoctorWorld.Oracle, examined.Deployed("L2OutputOracleProxy"));
        Assert.Null(examined.Deployed("DisputeGameFactoryProxy"));
    }
}
