using System.Text;
using System.Text.Json;
using Opal.Cli.Batches;
using Opal.Crypto;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Cli.Tests.Batches.TestBatches;

namespace Opal.Cli.Tests.Batches;

public sealed class DecodeFileTests : IDisposable
{
    private static readonly byte[] Two = Channel(Singular(100, 1, 2), Singular(102));

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Hexadecimal_from_standard_input_decodes()
    {
        byte[] data = Data(Frames(Id(1), Two, 1));
        foreach (string text in new[] { Hex.Encode(data), Hex.Encode(data)[2..] + "\n", string.Join('\n', Hex.Encode(data)[2..].Chunk(60).Select(static line => new string(line))) })
        {
            DecodeRun run = await DecodeRun.OfAsync(new DecodeOptions { Json = true, Files = ["-"] }, Encoding.ASCII.GetBytes(text));
            Assert.Equal(0, run.Code);
            Assert.Equal([2, 0], run.Channel.GetProperty("batches").EnumerateArray().Select(static batch => batch.GetProperty("transactions").GetInt32()));
            Assert.Equal(Keccak256.Hash([1]).ToString(), run.Channel.GetProperty("batches")[0].GetProperty("blocks")[0].GetProperty("transactions")[0].GetString());
        }
    }

    [Fact]
    public async Task Frames_may_come_in_any_order_and_from_several_files()
    {
        Frame[] frames = Frames(Id(1), Two, 3);
        string last = _folder.Write("a", Data(frames[2])), others = _folder.Write("b", $"{Hex.Encode(Data(frames[1]))}\n{Hex.Encode(Data(frames[0]))}\n");
        DecodeRun run = await DecodeRun.JsonOfAsync(null, last, others);
        Assert.Equal(0, run.Code);
        Assert.Equal("complete", run.Channel.GetProperty("state").GetString());
        Assert.Equal(2, run.Channel.GetProperty("blocks").GetInt32());
        Assert.Equal(["b, line 1", "b, line 2"], run.Json.GetProperty("transactions").EnumerateArray().Skip(1).Select(static t => Path.GetFileName(t.GetProperty("file").GetString())));
    }

    [Fact]
    public async Task A_missing_frame_is_named()
    {
        Frame[] frames = Frames(Id(1), Two, 5);
        string file = _folder.Write("data", Data(frames[0], frames[1], frames[2], frames[4]));
        DecodeRun run = await DecodeRun.JsonOfAsync(null, file);
        Assert.Equal(0, run.Code); // nothing is wrong with what is there
        Assert.Equal("lacks frame 3 of 5", run.Channel.GetProperty("state_text").GetString());
        Assert.Equal(3, run.Channel.GetProperty("first_missing_frame").GetInt32());
        Assert.Equal(frames.Where(static frame => frame.Number != 3).Sum(static frame => frame.Data.Length), run.Channel.GetProperty("compressed_bytes").GetInt32());
        DecodeRun text = await DecodeRun.TextOfAsync(null, file);
        Assert.Contains("lacks frame 3 of 5", text.Output, StringComparison.Ordinal);
        Assert.Contains("4/5", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_channel_shows_what_came_before_the_fault_and_the_rest_goes_on()
    {
        byte[] damaged = Channel(Singular(100), [0, 0xff], Singular(104));
        DecodeRun run = await DecodeRun.JsonOfAsync(null, _folder.Write("data", Data([.. Frames(Id(1), damaged, 1), .. Frames(Id(2), Two, 1)])), _folder.Write("none", [0x99, 1, 2]));
        Assert.Equal(1, run.Code);
        JsonElement[] channels = [.. run.Json.GetProperty("channels").EnumerateArray()];
        Assert.Equal(["invalid after batch 1: malformed singular batch", "complete"], channels.Select(static channel => channel.GetProperty("state_text").GetString()));
        Assert.Equal([1, 2], channels.Select(static channel => channel.GetProperty("blocks").GetInt32()));
        Assert.Contains("first byte is 0x99", Assert.Single(run.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0 }, "no frames")]
    [InlineData(new byte[] { 0, 1, 2 }, "truncated frame")]
    [InlineData(new byte[0], "it is empty")]
    [InlineData(new byte[] { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff }, "gzip")]
    [InlineData(new byte[] { (byte)'{', (byte)'}' }, "holds no frames")]
    [InlineData(new byte[] { (byte)'[', (byte)'1' }, "JSON")]
    public async Task What_cannot_be_read_is_said_with_the_reason(byte[] content, string reason)
    {
        DecodeRun run = await DecodeRun.TextOfAsync(null, _folder.Write("file", content));
        Assert.Equal(1, run.Code);
        Assert.Contains("not decoded", run.Output, StringComparison.Ordinal);
        Assert.Contains(reason, run.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_a_fault() => Assert.Contains("no such file", (await DecodeRun.TextOfAsync(null, _folder.PathOf("absent"))).Output, StringComparison.Ordinal);

    [Fact]
    public async Task A_signed_transaction_shows_its_sender_whoever_that_is()
    {
        byte[] key = Keccak256.Hash("decode"u8).ToArray();
        var unsigned = new Transaction { Type = TransactionType.DynamicFee, ChainId = 1, To = Address.FromNumber(5), GasLimit = 21_000, Data = Data(Frames(Id(1), Two, 1)) };
        EcdsaSignature signature = Secp256k1.Sign(unsigned.SigningHash(), key);
        Transaction signed = unsigned.WithSignature(signature.YParity, signature.R, signature.S);
        DecodeRun run = await DecodeRun.JsonOfAsync("op-mainnet", _folder.Write("transaction", Hex.Encode(signed.Encoded)));
        JsonElement transaction = Assert.Single(run.Json.GetProperty("transactions").EnumerateArray());
        Assert.Equal(Secp256k1.PrivateKeyToAddress(key).ToString().ToLowerInvariant(), transaction.GetProperty("from").GetString());
        Assert.False(transaction.GetProperty("valid_sender").GetBoolean());
        Assert.Equal(2, run.Channel.GetProperty("blocks").GetInt32());
    }

    [Fact]
    public async Task The_tables_name_every_level_and_can_be_chosen()
    {
        string file = _folder.Write("data", Data(Frames(Id(0xab), Two, 2)));
        DecodeRun all = await DecodeRun.TextOfAsync(null, file);
        foreach (string part in new[] { "transactions (1)", "frames (2)", "channels (1)", "batches (2)", $"{Id(0xab)}", "1970-01-01 00:01:40", "total: 1 transaction, 2 frames, 1 channel, 2 batches, 2 L2 blocks, 2 L2 transactions" })
        {
            Assert.Contains(part, all.Output, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("\nblocks\n", all.Output, StringComparison.Ordinal);
        DecodeRun one = await DecodeRun.OfAsync(new DecodeOptions { Files = [file], Levels = new ReportLevels(false, false, true, false, Blocks: true) });
        Assert.DoesNotContain("frames (", one.Output, StringComparison.Ordinal);
        Assert.Contains("channels (1)", one.Output, StringComparison.Ordinal);
        Assert.Contains(Keccak256.Hash([2]).ToString(), one.Output, StringComparison.Ordinal);
    }

    public static TheoryData<string[]> WrongUsage => new()
    {
        new[] { "batch", "decode" },
        new[] { "batch", "decode", "file", "--from", "1" },
        new[] { "batch", "decode", "--l1", "http://127.0.0.1:1", "--from", "1" },
        new[] { "batch", "decode", "--l1", "http://127.0.0.1:1", "--network", "op-mainnet" },
        new[] { "batch", "decode", "--l1", "http://127.0.0.1:1", "--network", "op-mainnet", "--from", "2", "--to", "1" },
        new[] { "batch", "decode", "file", "--network", "no-such-network" },
        new[] { "batch", "decode", "file", "--rollup.config", "/no/such/file" },
    };

    [Theory]
    [MemberData(nameof(WrongUsage))]
    public async Task Wrong_usage_is_exit_code_2(string[] arguments) => Assert.Equal(2, await BatchVerb.Create().Parse(arguments[1..]).InvokeAsync());

    [Theory]
    [InlineData("--l1", "nonsense")]
    [InlineData("--from", "x")]
    [InlineData("--tx", "0x12")]
    [InlineData("--inbox", "0x12")]
    public void Malformed_values_are_refused(string option, string value) => Assert.NotEmpty(BatchVerb.Create().Parse(["decode", option, value]).Errors);

    [Theory]
    [InlineData(ChannelRule.TimedOut, "timed out")]
    [InlineData(ChannelRule.RlpLimit, "rlp limit")]
    [InlineData(BatchRule.L2BlockMalformed, "l2 block malformed")]
    public void Rules_are_named_in_words(Enum rule, string words) => Assert.Equal(words, RuleNames.Of(rule));
}
