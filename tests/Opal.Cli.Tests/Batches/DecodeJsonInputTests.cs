using System.Text.Json;
using Opal.Derivation;
using Opal.Primitives;
using static Opal.Cli.Tests.Batches.TestBatches;

namespace Opal.Cli.Tests.Batches;

/// <summary>Files as op-node's batch_decoder writes them.</summary>
public sealed class DecodeJsonInputTests : IDisposable
{
    private static readonly byte[] Two = Channel(Singular(100, 1, 2), Singular(102));

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static object FrameOf(Frame frame) =>
        new { id = frame.Channel.ToString()[2..], frame_number = frame.Number, data = Convert.ToBase64String(frame.Data.Span), is_last = frame.IsLast };

    private static string Fetched(ulong block, bool isValid, string? error, params Frame[] frames) => JsonSerializer.Serialize(new
    {
        tx_index = 3,
        inbox_address = "0xff00000000000000000000000000000000000010",
        block_number = block,
        block_hash = Keccak256.Hash([(byte)block]).ToString(),
        block_time = 1000 + (12 * block),
        chain_id = 1,
        sender = "0x6887246668a3b87f54deb3b94ba47a6f63f32985",
        valid_sender = isValid,
        frames = frames.Length == 0 ? null : frames.Select(FrameOf),
        frame_parse_error = new[] { error ?? "" },
        valid_data = new[] { error is null },
        tx = new { type = "0x2", hash = Keccak256.Hash([(byte)block, 1]).ToString() },
    });

    [Fact]
    public async Task Fetched_transactions_are_put_in_the_order_of_L1()
    {
        Frame[] frames = Frames(Id(1), Two, 2);
        _folder.Write("in/a.json", Fetched(11, true, null, frames[1]));
        _folder.Write("in/b.json", Fetched(10, true, null, frames[0]));
        DecodeRun run = await DecodeRun.JsonOfAsync(null, _folder.PathOf("in"));
        Assert.Equal(0, run.Code);
        Assert.Equal([10, 11], run.Json.GetProperty("transactions").EnumerateArray().Select(static t => t.GetProperty("l1_block").GetInt32()));
        Assert.Equal("complete", run.Channel.GetProperty("state").GetString());
        Assert.Equal((10, 11), (run.Channel.GetProperty("first_l1_block").GetInt32(), run.Channel.GetProperty("last_l1_block").GetInt32()));
        Assert.Equal(Keccak256.Hash([10, 1]).ToString(), run.Json.GetProperty("frames")[0].GetProperty("transaction").GetString());
    }

    [Fact]
    public async Task Frames_of_another_sender_are_listed_and_not_used()
    {
        Frame[] frames = Frames(Id(1), Two, 2);
        _folder.Write("in/a.json", Fetched(10, true, null, frames[0]) + "\n" + Fetched(11, false, null, frames[1]) + "\n" + Fetched(12, true, "frame data is cut"));
        DecodeRun run = await DecodeRun.JsonOfAsync(null, _folder.PathOf("in"));
        Assert.Equal(1, run.Code);
        Assert.Equal([true, false], run.Json.GetProperty("frames").EnumerateArray().Select(static frame => frame.GetProperty("used").GetBoolean()));
        Assert.Equal("lacks frame 1", run.Channel.GetProperty("state_text").GetString());
        Assert.Contains("frame data is cut", Assert.Single(run.Problems), StringComparison.Ordinal);
        Assert.Equal(1, run.Json.GetProperty("total").GetProperty("ignored_transactions").GetInt32());
    }

    [Fact]
    public async Task With_L1_blocks_known_the_rules_of_order_and_time_hold()
    {
        Frame[] late = Frames(Id(1), Two, 2), swapped = Frames(Id(2), Two, 2), good = Frames(Id(3), Two, 2);
        _folder.Write("in/a.json", Fetched(10, true, null, late[0]) + Fetched(100, true, null, late[1]) + Fetched(101, true, null, swapped[1]) + Fetched(102, true, null, swapped[0])
            + Fetched(103, true, null, good[0]) + Fetched(104, true, null, good[1]) + Fetched(105, true, null, good[1]));
        DecodeRun run = await DecodeRun.JsonOfAsync(null, _folder.PathOf("in"));
        Assert.Equal(0, run.Code);
        Assert.Equal(
            ["timed out, lacks frame 1 of 2", "replaced, lacks frame 1 of 2", "complete"],
            run.Json.GetProperty("channels").EnumerateArray().Select(static channel => channel.GetProperty("state_text").GetString()));
        Assert.Equal(
            ["", "NoChannel", "NoChannel", "", "", "", "NoChannel"],
            run.Json.GetProperty("frames").EnumerateArray().Select(static frame => frame.TryGetProperty("rule", out JsonElement rule) ? rule.GetString() : ""));
    }

    [Fact]
    public async Task A_reassembled_channel_is_read_from_its_frames()
    {
        Frame[] frames = Frames(Id(1), Two, 2);
        string text = JsonSerializer.Serialize(new
        {
            id = Id(1).ToString()[2..],
            is_ready = true,
            frames = frames.Select((frame, i) => new
            {
                transaction_hash = Keccak256.Hash([(byte)i]).ToString(), inclusion_block = 20 + i, timestamp = 2000 + (12 * i), block_hash = Keccak256.Hash([(byte)i, 9]).ToString(), frame = FrameOf(frame),
            }),
        });
        DecodeRun run = await DecodeRun.JsonOfAsync(null, _folder.Write("channel.json", text));
        Assert.Equal(0, run.Code);
        Assert.Equal(2, run.Channel.GetProperty("blocks").GetInt32());
        Assert.Equal([20, 21], run.Json.GetProperty("transactions").EnumerateArray().Select(static t => t.GetProperty("l1_block").GetInt32()));
    }

    [Fact]
    public async Task Bare_frames_blobs_and_transactions_in_JSON_are_read()
    {
        Frame[] frames = Frames(Id(1), Two, 2);
        string list = _folder.Write("frames.json", JsonSerializer.Serialize(frames.Reverse().Select(FrameOf)));
        Assert.Equal(2, (await DecodeRun.JsonOfAsync(null, list)).Channel.GetProperty("blocks").GetInt32());
        var blob = new byte[BlobCodec.BlobSize];
        Assert.True(BlobCodec.TryEncode(Data(frames), blob));
        string answer = _folder.Write("blobs.json", JsonSerializer.Serialize(new { data = new[] { Hex.Encode(blob) } }));
        DecodeRun run = await DecodeRun.JsonOfAsync(null, answer);
        Assert.Equal(2, run.Channel.GetProperty("blocks").GetInt32());
        Assert.Equal("blob", run.Json.GetProperty("transactions")[0].GetProperty("data")[0].GetProperty("carrier").GetString());
    }

    [Theory]
    [InlineData("""{"frames":[{"id":"12","frame_number":0,"data":"","is_last":true}]}""", "channel id")]
    [InlineData("""{"frames":[{"id":"00000000000000000000000000000001","frame_number":70000,"data":"","is_last":true}]}""", "below 65536")]
    [InlineData("""{"frames":[{"id":"00000000000000000000000000000001","frame_number":1,"data":"%","is_last":true}]}""", "base64")]
    [InlineData("""{"frames":[{"id":"00000000000000000000000000000001","frame_number":1,"data":7,"is_last":true}]}""", "base64")]
    [InlineData("""{"frames":7}""", "expected an array")]
    public async Task Malformed_JSON_is_a_fault_that_names_the_place(string text, string reason)
    {
        DecodeRun run = await DecodeRun.JsonOfAsync(null, _folder.Write("bad.json", text));
        Assert.Equal(1, run.Code);
        Assert.Contains(reason, Assert.Single(run.Problems), StringComparison.Ordinal);
    }
}
