using System.Buffers.Binary;
using System.Text.Json;
using Opal.Cli.EvmTool;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;

namespace Opal.Cli.Witness;

/// <summary>An L2 block to execute: its parent, its payload attributes, the pre-images that its execution reads, and what must come out.</summary>
public sealed class WitnessBlock
{
    private readonly PreimageBag _preimages;

    private WitnessBlock(PreimageBag preimages) => _preimages = preimages;

    /// <summary>The parent's header.</summary>
    public required BlockHeader Parent { get; init; }

    /// <summary>The chain.</summary>
    public required ChainSpec Spec { get; init; }

    /// <summary>The payload attributes.</summary>
    public required PayloadAttributes Attributes { get; init; }

    /// <summary>The hash that the block has on its chain.</summary>
    public required Hash256 ExpectedHash { get; init; }

    /// <summary>The header that the block has on its chain, where it is known.</summary>
    public BlockHeader? ExpectedHeader { get; init; }

    /// <summary>The base fee of a chain that had another rule for it than the OP Stack; null for the rule's own.</summary>
    public UInt256? BaseFeeOverride { get; init; }

    /// <summary>A new view of the parent's state over the pre-images.</summary>
    public IExecutionState OpenState() => new WitnessExecutionState(new WitnessState(Parent.StateRoot, _preimages), Parent.Hash, _preimages);

    /// <summary>Reads the two files of a block.</summary>
    /// <param name="json">The description.</param>
    /// <param name="records">The pre-images: key, little-endian length of 32 bits, value; one after another.</param>
    /// <exception cref="InputFormatException">One of them is malformed.</exception>
    public static WitnessBlock Read(ReadOnlyMemory<byte> json, byte[] records)
    {
        PreimageBag bag = ReadPreimages(records);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return Read(document.RootElement, bag);
        }
        catch (JsonException e)
        {
            throw new InputFormatException("not JSON: " + e.Message, e);
        }
        catch (InvalidOperationException e)
        {
            throw new InputFormatException(e.Message, e); // the JSON reader's word for a value of another kind
        }
    }

    private static WitnessBlock Read(JsonElement test, PreimageBag bag)
    {
        BlockHeader parent = ReadHeader(test.Member("parentHeaderRlp"), "parentHeaderRlp");
        if (parent.Hash != test.Member("parentHash").Hash()) throw new InputFormatException("\"parentHash\" is not the hash of \"parentHeaderRlp\"");
        bag.Add(parent.Encode());
        ChainSpec spec = WitnessConfig.ReadSpec(test);
        return new WitnessBlock(bag)
        {
            Parent = parent,
            Spec = spec,
            Attributes = ReadAttributes(test.Member("attributes"), spec, parent),
            ExpectedHash = test.Member("expectedBlockHash").Hash(),
            ExpectedHeader = test.TryMember("expectedHeaderRlp", out JsonElement header) ? ReadHeader(header, "expectedHeaderRlp") : null,
            BaseFeeOverride = test.OptionalWord("baseFeePerGasOverride"),
        };
    }

    private static BlockHeader ReadHeader(JsonElement value, string name) =>
        BlockHeader.TryDecode(value.Bytes(), out BlockHeader? header) ? header! : throw new InputFormatException($"\"{name}\" is no header");

    private static PayloadAttributes ReadAttributes(JsonElement json, ChainSpec spec, BlockHeader parent) => new()
    {
        Timestamp = json.Member("timestamp").ULong(),
        PrevRandao = json.Member("prevRandao").Hash(),
        SuggestedFeeRecipient = json.Member("suggestedFeeRecipient").Address(),
        ParentBeaconBlockRoot = json.OptionalHash("parentBeaconBlockRoot"),
        Withdrawals = spec.At(parent.Number + 1, json.Member("timestamp").ULong()).Withdrawals == WithdrawalsRule.None ? null : [],
        Transactions = json.Member("transactions").EnumerateArray().Select(t => t.Bytes()).ToArray(),
        NoTxPool = true,
        GasLimit = json.Member("gasLimit").ULong(),
        Eip1559Params = json.TryMember("eip1559Params", out JsonElement parameters) ? parameters.Bytes() : null,
        MinBaseFee = json.OptionalULong("minBaseFee"),
    };

    private static PreimageBag ReadPreimages(byte[] records)
    {
        const int HeadSize = Hash256.Size + sizeof(uint);
        var bag = new PreimageBag();
        for (int at = 0; at < records.Length;)
        {
            uint length = records.Length - at < HeadSize ? uint.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(records.AsSpan(at + Hash256.Size));
            if (length > records.Length - at - HeadSize) throw new InputFormatException($"the pre-images end inside record {bag.Count}");
            Hash256 key = bag.Add(records.AsMemory(at + HeadSize, (int)length));
            if (!key.ToArray().AsSpan().SequenceEqual(records.AsSpan(at, Hash256.Size))) throw new InputFormatException($"the key of pre-image {bag.Count - 1} is not its value's keccak256");
            at += HeadSize + (int)length;
        }

        return bag;
    }
}
