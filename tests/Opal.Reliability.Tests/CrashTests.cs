using System.Diagnostics;
using System.Globalization;
using Opal.JsonRpc;
using Opal.Protocol;
using Xunit.Abstractions;

namespace Opal.Reliability.Tests;

/// <summary>`opal geth` killed at random instants under load, stopped, filled up and damaged.</summary>
[Collection("one client at a time")]
public sealed class CrashTests(ITestOutputHelper output)
{
    private static readonly TimeSpan ServeLimit = TimeSpan.FromSeconds(5), StopLimit = TimeSpan.FromSeconds(2);

    /// <summary>How often the client is killed: OPAL_SOAK_CRASH.</summary>
    private static int Kills => int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_CRASH"), CultureInfo.InvariantCulture, out int count) ? count : 4;

    [Fact]
    public async Task Killed_at_random_instants_it_comes_back_with_all_that_was_acknowledged()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        using var directory = new TemporaryDirectory();
        await GethUnderTest.InitAsync(directory.Path);
        var driver = new EngineDriver(seed);
        var starts = new List<TimeSpan>();
        for (int kill = 0; kill < Kills; kill++)
        {
            await using GethUnderTest client = await GethUnderTest.StartAsync(directory.Path);
            starts.Add(client.ServedAfter);
            await driver.ResumeAsync(client);
            using var stop = new CancellationTokenSource();
            Task<bool> load = driver.RunAsync(client, stop.Token);
            await Task.WhenAny(load, Task.Delay(random.Next(200, 4000)));
            Assert.False(load.IsCompleted, $"the client went away by itself (seed {seed}):\n{client.Process.Tail()}");
            await client.KillAsync();
            await stop.CancelAsync();
            await load;
        }

        await using (GethUnderTest last = await GethUnderTest.StartAsync(directory.Path))
        {
            await driver.ResumeAsync(last);
            for (int i = 0; i < 3; i++) await driver.StepAsync(last);
        }

        (int code, string report) = await GethUnderTest.RunForOutputAsync("db", "verify", "--datadir", directory.Path);
        Assert.True(code == 0, report);
        starts.Sort();
        TimeSpan middle = starts[starts.Count / 2];
        output.WriteLine($"[count] killed {Kills} times, {driver.Blocks} blocks; starts: median {middle.TotalSeconds:F1} s, slowest {starts[^1].TotalSeconds:F1} s; seed {seed}");
        Assert.True(middle <= ServeLimit, $"half of the starts took more than {middle.TotalSeconds:F1} s (seed {seed})"); // a neighbour on the machine may hold up a single one
    }

    [Fact]
    public async Task Asked_to_stop_it_stops_cleanly_and_keeps_its_head()
    {
        using var directory = new TemporaryDirectory();
        await GethUnderTest.InitAsync(directory.Path);
        var driver = new EngineDriver(1);
        ulong head;
        await using (GethUnderTest client = await GethUnderTest.StartAsync(directory.Path))
        {
            await driver.ResumeAsync(client);
            for (int i = 0; i < 20; i++) await driver.StepAsync(client);
            head = await client.Eth.BlockNumberAsync();
            var clock = Stopwatch.StartNew();
            Assert.Equal(0, await client.Process.InterruptAsync(TimeSpan.FromSeconds(10)));
            output.WriteLine($"[count] stopped in {clock.Elapsed.TotalSeconds:F2} s");
            Assert.True(clock.Elapsed <= StopLimit, $"it took {clock.Elapsed.TotalSeconds:F1} s to stop");
        }

        await using GethUnderTest again = await GethUnderTest.StartAsync(directory.Path);
        Assert.Equal(head, await again.Eth.BlockNumberAsync());
        await driver.ResumeAsync(again);
    }

    [Fact]
    public async Task A_full_disk_stops_it_with_clear_words_and_it_goes_on_once_there_is_room()
    {
        using var directory = new TemporaryDirectory();
        await GethUnderTest.InitAsync(directory.Path);
        var driver = new EngineDriver(2);
        // no file may grow beyond this many blocks of 1024 bytes: a write beyond it fails as on a full disk
        (GethUnderTest? client, string refused) = await GethUnderTest.TryStartAsync(directory.Path, "export DOTNET_EnableWriteXorExecute=0; trap '' XFSZ; ulimit -f 1200");
        Assert.True(client is not null, refused);
        await using (client)
        {
            await driver.ResumeAsync(client!);
            var clock = Stopwatch.StartNew();
            string message = "";
            while (!client!.Process.HasExited && clock.Elapsed < TimeSpan.FromSeconds(60))
            {
                try
                {
                    await driver.StepAsync(client);
                }
                catch (Exception error) when (error is RpcTransportException or RpcCallException)
                {
                    message = error.Message;
                    if (error is RpcTransportException) break;
                }
            }

            int code = await client.Process.WaitAsync(TimeSpan.FromSeconds(10));
            Assert.NotEqual(0, code);
            string tail = client.Process.Tail();
            Assert.True(tail.Contains("disk", StringComparison.OrdinalIgnoreCase) || tail.Contains("File too large", StringComparison.OrdinalIgnoreCase), $"{message}\n{tail}");
        }

        await using GethUnderTest again = await GethUnderTest.StartAsync(directory.Path);
        await driver.ResumeAsync(again);
        for (int i = 0; i < 5; i++) await driver.StepAsync(again);
    }

    [Fact]
    public async Task Too_little_free_space_is_refused_in_words()
    {
        using var directory = new TemporaryDirectory();
        await GethUnderTest.InitAsync(directory.Path);
        (GethUnderTest? client, string said) = await GethUnderTest.TryStartAsync(directory.Path, "", "--datadir.minfreedisk=100000000");
        if (client is not null) await client.DisposeAsync();
        Assert.Null(client);
        Assert.Contains("free", said, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>How many bits are flipped, one at a time: OPAL_SOAK_FLIPS.</summary>
    private static int Flips => int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_FLIPS"), CultureInfo.InvariantCulture, out int count) ? count : 3;

    [Fact]
    public async Task A_flipped_bit_is_found_and_named()
    {
        using var directory = new TemporaryDirectory();
        await GethUnderTest.InitAsync(directory.Path);
        var driver = new EngineDriver(3);
        await using (GethUnderTest client = await GethUnderTest.StartAsync(directory.Path))
        {
            await driver.ResumeAsync(client);
            for (int i = 0; i < 30; i++) await driver.StepAsync(client);
            Assert.Equal(0, await client.Process.InterruptAsync(TimeSpan.FromSeconds(10)));
        }

        string[] logs = Directory.GetFiles(directory.Path, "*.log", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length > 4096).ToArray();
        Assert.NotEmpty(logs);
        var random = new Random(4);
        for (int i = 0; i < Flips; i++)
        {
            string file = logs[random.Next(logs.Length)];
            byte[] original = await File.ReadAllBytesAsync(file), damaged = (byte[])original.Clone();
            int at = random.Next(64, damaged.Length - 2048); // not in the last frame, which a crash may have torn
            damaged[at] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(file, damaged);
            (int code, string report) = await GethUnderTest.RunForOutputAsync("db", "verify", "--datadir", directory.Path);
            Assert.True(code != 0, $"a bit flipped at {at} of {file} was not found:\n{report}");
            // the newest frame counts as torn off: then what is missing is named
            string part = Path.GetFileName(Path.GetDirectoryName(file)!);
            Assert.True(report.Contains(Path.GetFileName(file), StringComparison.Ordinal) || report.Contains(part + " history ends", StringComparison.Ordinal), $"a bit flipped at {at} of {file} is not named:\n{report}");
            await File.WriteAllBytesAsync(file, original);
        }

        output.WriteLine($"[count] flipped {Flips} bits");
    }

    [Fact]
    public async Task A_flipped_bit_of_the_state_is_found_and_named_or_harms_nothing()
    {
        using var directory = new TemporaryDirectory();
        await GethUnderTest.InitAsync(directory.Path);
        var driver = new EngineDriver(5);
        await using (GethUnderTest client = await GethUnderTest.StartAsync(directory.Path)) await RunAndStopAsync(client, driver, 40);
        string file = Path.Combine(directory.Path, "geth", "state", "data.mdb");
        var random = new Random(6);
        int found = 0, harmless = 0;
        for (int i = 0; i < 2 * Flips; i++)
        {
            byte[] original = await File.ReadAllBytesAsync(file), damaged = (byte[])original.Clone();

            // the rows are a small part of the file: every second flip is in one that is in use
            int at = i % 2 == 0 ? random.Next(damaged.Length) : PlaceOfRow(damaged, random);
            damaged[at] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(file, damaged);
            (int code, string report) = await GethUnderTest.RunForOutputAsync("db", "verify", "--datadir", directory.Path);
            if (code != 0)
            {
                Assert.True(report.Contains("data.mdb", StringComparison.Ordinal) || report.Contains("table ", StringComparison.Ordinal) || report.Contains("the state on disk", StringComparison.Ordinal), $"a bit flipped at {at} is not named:\n{report}");
                found++;
                await File.WriteAllBytesAsync(file, original);
                continue;
            }

            harmless++;
            await using GethUnderTest client = await GethUnderTest.StartAsync(directory.Path);
            await RunAndStopAsync(client, driver, 3);
        }

        (int end, string last) = await GethUnderTest.RunForOutputAsync("db", "verify", "--datadir", directory.Path);
        Assert.True(end == 0, last);
        Assert.True(found >= Flips / 4, $"of {2 * Flips} flips {found} were found");
        output.WriteLine($"[count] flipped {2 * Flips} bits of the state: {found} found, {harmless} harmless");
    }

    /// <summary>Somewhere in the upper half of a page that is full: pages fill from their end.</summary>
    private static int PlaceOfRow(byte[] file, Random random)
    {
        const int PageSize = 4096;
        while (true)
        {
            int at = (random.Next(2, file.Length / PageSize) * PageSize) + random.Next(PageSize / 2, PageSize);
            if (file.AsSpan(at - 16, 32).IndexOfAnyExcept((byte)0) >= 0 && file[at] != 0) return at;
        }
    }

    private static async Task RunAndStopAsync(GethUnderTest client, EngineDriver driver, int blocks)
    {
        try
        {
            await driver.ResumeAsync(client);
            for (int i = 0; i < blocks; i++) await driver.StepAsync(client);
        }
        catch (RpcTransportException error)
        {
            Assert.Fail($"{error.Message}; the client wrote:\n{client.Process.Tail()}");
        }

        Assert.Equal(0, await client.Process.InterruptAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Pruned_by_command_it_keeps_its_head_verifies_and_goes_on()
    {
        using var directory = new TemporaryDirectory();
        await GethUnderTest.InitAsync(directory.Path);
        var driver = new EngineDriver(7);
        await using (GethUnderTest client = await GethUnderTest.StartAsync(directory.Path)) await RunAndStopAsync(client, driver, 30);
        (int code, string said) = await GethUnderTest.RunForOutputAsync("db", "prune", "--datadir", directory.Path, "--history.state=5", "--history.transactions=5");
        Assert.True(code == 0, said);
        Assert.Contains("kept: state of 5 blocks, transactions by hash of 5 blocks", said, StringComparison.Ordinal);
        (code, said) = await GethUnderTest.RunForOutputAsync("db", "verify", "--datadir", directory.Path);
        Assert.True(code == 0, said);
        await using GethUnderTest again = await GethUnderTest.StartAsync(directory.Path);
        BlockHeader head = (await again.Eth.FindHeaderAsync(BlockParameter.Latest))!;
        Assert.True(head.Number >= driver.AcknowledgedSafe.Number);
        EthProof proof = await again.Eth.GetProofAsync(CrashRollup.Accounts[0], [], BlockParameter.Latest);
        Assert.True(proof.TryVerify(head.StateRoot, out string problem), problem);
        (code, said) = await GethUnderTest.RunForOutputAsync("db", "prune", "--datadir", directory.Path);
        Assert.True(code != 0 && said.Contains("in use", StringComparison.Ordinal), said);
    }
}
