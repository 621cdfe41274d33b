using System.Text.Json;
using Opal.Deployer.Abi;
using Opal.Primitives;
using Opal.Testing;

namespace Opal.Deployer.Tests.Abi;

public class AbiCodecTests
{
    private static string Text(byte[] bytes) => Hex.Encode(bytes)[2..];

    private static string Word(ulong value) => value.ToString("x64");

    [VectorFact]
    public void Official_cases_encode_to_the_expected_bytes()
    {
        int cases = 0;
        foreach ((string _, byte[] data) in Vectors.ReadArchive("crypto/ethereum-tests-abitests.tar.gz"))
        {
            using JsonDocument document = JsonDocument.Parse(data);
            foreach (JsonProperty test in document.RootElement.EnumerateObject())
            {
                AbiType[] types = [.. test.Value.GetProperty("types").EnumerateArray().Select(type => AbiType.Parse(type.GetString()!))];
                AbiValue[] values = [.. test.Value.GetProperty("args").EnumerateArray().Select((value, i) => FromJson(types[i], value))];
                Assert.Equal(test.Value.GetProperty("result").GetString(), Text(AbiCodec.Encode(types, values)));
                cases++;
            }
        }

        Assert.True(cases > 0);
    }

    private static AbiValue FromJson(AbiType type, JsonElement value) => type.Kind switch
    {
        AbiKind.Array or AbiKind.FixedArray => AbiValue.List([.. value.EnumerateArray().Select(item => FromJson(type.Element!, item))]),
        AbiKind.Bytes or AbiKind.String => value.GetString()!,
        AbiKind.FixedBytes => UInt256.FromBigEndian([.. System.Text.Encoding.ASCII.GetBytes(value.GetString()!.PadRight(32, '\0'))]),
        _ => new UInt256(value.GetUInt64()),
    };

    [Fact]
    public void Specification_example_with_dynamic_arguments()
    {
        // f(uint256,uint32[],bytes10,bytes) of the ABI specification
        byte[] data = new AbiFunction("f(uint256,uint32[],bytes10,bytes)").Encode(
            0x123UL, AbiValue.List(0x456UL, 0x789UL), UInt256.FromBigEndian([.. "1234567890"u8, .. new byte[22]]), "Hello, world!"u8.ToArray());
        Assert.Equal(
            "8be65246" + Word(0x123) + Word(0x80) + "3132333435363738393000000000000000000000000000000000000000000000" + Word(0xe0)
            + Word(2) + Word(0x456) + Word(0x789) + Word(0x0d) + "48656c6c6f2c20776f726c642100000000000000000000000000000000000000",
            Text(data));
    }

    [Fact]
    public void Specification_example_with_nested_arrays()
    {
        // g(uint256[][],string[]) of the ABI specification
        byte[] data = new AbiFunction("g(uint256[][],string[])").Encode(
            AbiValue.List(AbiValue.List(1UL, 2UL), AbiValue.List(3UL)), AbiValue.List("one", "two", "three"));
        Assert.Equal(
            "2289b18c" + Word(0x40) + Word(0x140) + Word(2) + Word(0x40) + Word(0xa0) + Word(2) + Word(1) + Word(2) + Word(1) + Word(3)
            + Word(3) + Word(0x60) + Word(0xa0) + Word(0xe0)
            + Word(3) + "6f6e650000000000000000000000000000000000000000000000000000000000"
            + Word(3) + "74776f0000000000000000000000000000000000000000000000000000000000"
            + Word(5) + "7468726565000000000000000000000000000000000000000000000000000000",
            Text(data));
    }

    [Theory]
    [InlineData("transfer(address,uint256)", "0xa9059cbb")]
    [InlineData("upgradeAndCall(address,address,bytes)", "0x9623609d")]
    [InlineData("proveWithdrawalTransaction((uint256,address,address,uint256,uint256,bytes),uint256,(bytes32,bytes32,bytes32,bytes32),bytes[])", "0x4870496f")]
    public void Selector_is_the_hash_of_the_signature(string signature, string selector) =>
        Assert.Equal(selector, Hex.Encode(new AbiFunction(signature).Selector.Span));

    [Theory]
    [InlineData("uint", "uint256")]
    [InlineData("(uint8,(bool,bytes)[2])[]", "(uint8,(bool,bytes)[2])[]")]
    [InlineData("bytes32[3][]", "bytes32[3][]")]
    public void Type_parses_to_its_canonical_name(string text, string canonical) => Assert.Equal(canonical, AbiType.Parse(text).ToString());

    [Theory]
    [InlineData("uint7")]
    [InlineData("uint264")]
    [InlineData("bytes33")]
    [InlineData("bytes0")]
    [InlineData("(uint8")]
    [InlineData("uint8]")]
    [InlineData("uint8[0]")]
    [InlineData("uint8[-1]")]
    [InlineData("fixed128x18")]
    [InlineData("")]
    public void Type_that_does_not_exist_is_refused(string text) => Assert.False(AbiType.TryParse(text, out _));

    [Fact]
    public void Value_outside_its_type_is_refused()
    {
        Assert.Throws<ArgumentException>(() => AbiCodec.Encode("(uint8)", 256UL));
        Assert.Throws<ArgumentException>(() => AbiCodec.Encode("(address)", UInt256.MaxValue));
        Assert.Throws<ArgumentException>(() => AbiCodec.Encode("(bool)", 2UL));
        Assert.Throws<ArgumentException>(() => AbiCodec.Encode("(bytes4)", UInt256.One));
        Assert.Throws<ArgumentException>(() => AbiCodec.Encode("(int8)", 128UL));
        Assert.Equal(32, AbiCodec.Encode("(int8)", UInt256.MaxValue).Length);
    }

    [Fact]
    public void Random_values_round_trip()
    {
        var random = new Random(20261121);
        for (int i = 0; i < 2000; i++)
        {
            AbiType[] types = [.. Enumerable.Range(0, random.Next(5)).Select(_ => RandomType(random, 0))];
            AbiValue[] values = [.. types.Select(type => RandomValue(random, type))];
            byte[] data = AbiCodec.Encode(types, values);
            Assert.True(AbiCodec.TryDecode(types, data, out AbiValue[] back));
            Assert.Equal(data, AbiCodec.Encode(types, back));

            // whatever is cut off or changed is answered, never thrown
            if (data.Length == 0) continue;
            _ = AbiCodec.TryDecode(types, data.AsSpan(0, random.Next(data.Length)), out _);
            data[random.Next(data.Length)] = (byte)random.Next(256);
            _ = AbiCodec.TryDecode(types, data, out _);
        }
    }

    private static AbiType RandomType(Random random, int depth) => AbiType.Parse(RandomTypeName(random, depth));

    private static string RandomTypeName(Random random, int depth) => random.Next(depth > 2 ? 6 : 9) switch
    {
        0 => $"uint{8 * random.Next(1, 33)}",
        1 => "address",
        2 => "bool",
        3 => $"bytes{random.Next(1, 33)}",
        4 => "bytes",
        5 => "string",
        6 => RandomTypeName(random, depth + 1) + "[]",
        7 => $"{RandomTypeName(random, depth + 1)}[{random.Next(1, 4)}]",
        _ => $"({string.Join(',', Enumerable.Range(0, random.Next(1, 4)).Select(_ => RandomTypeName(random, depth + 1)))})",
    };

    private static AbiValue RandomValue(Random random, AbiType type)
    {
        var word = new byte[32];
        random.NextBytes(word);
        UInt256 any = UInt256.FromBigEndian(word);
        return type.Kind switch
        {
            AbiKind.Uint => any >> (256 - type.Size),
            AbiKind.Address => any >> 96,
            AbiKind.Bool => any >> 255,
            AbiKind.FixedBytes => (any >> (256 - (8 * type.Size))) << (256 - (8 * type.Size)),
            AbiKind.Bytes or AbiKind.String => word[..random.Next(32)],
            AbiKind.Array => AbiValue.List([.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomValue(random, type.Element!))]),
            AbiKind.FixedArray => AbiValue.List([.. Enumerable.Range(0, type.Size).Select(_ => RandomValue(random, type.Element!))]),
            AbiKind.Tuple => AbiValue.List([.. type.Components.Select(component => RandomValue(random, component))]),
            _ => throw new InvalidOperationException(),
        };
    }

    [Fact]
    public void Array_length_that_the_data_cannot_hold_is_refused_without_allocating()
    {
        byte[] data = AbiCodec.Encode("(uint256,uint256)", 0x20UL, 0xffffffUL);
        Assert.False(AbiCodec.TryDecode(AbiType.Parse("(uint256[])").Components, data, out _));
        Assert.False(AbiCodec.TryDecode(AbiType.Parse("(bytes)").Components, data, out _));
    }

    [Fact]
    public void Revert_reason_is_put_in_words()
    {
        Assert.Equal("SystemConfig: gas limit too low", RevertReason.Describe(new AbiFunction("Error(string)").Encode("SystemConfig: gas limit too low")));
        Assert.Equal("panic 0x11 (arithmetic overflow)", RevertReason.Describe(new AbiFunction("Panic(uint256)").Encode(0x11UL)));
        Assert.Equal("Unauthorized()", RevertReason.Describe(new AbiFunction("Unauthorized()").Encode(), [new AbiFunction("Unauthorized()")]));
        Assert.Equal("reverted without a reason", RevertReason.Describe([]));
        Assert.Equal("0x01020304", RevertReason.Describe([1, 2, 3, 4]));
    }
}
