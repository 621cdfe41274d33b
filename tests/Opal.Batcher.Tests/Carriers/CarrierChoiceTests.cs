using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Batcher.Tests.Carriers;

public sealed class CarrierChoiceTests
{
    private static readonly UInt256 Gwei = 1_000_000_000;

    [Fact]
    public void Blobs_cost_their_blob_gas_and_a_transaction()
    {
        var prices = new L1Prices(Gwei * 2, 3);
        Assert.Equal((Gwei * 2 * 21_000) + (3UL * 131_072), CarrierCost.InBlobs(1, 6, prices));
        Assert.Equal((Gwei * 2 * 21_000) + (3UL * 131_072), CarrierCost.InBlobs(130_020, 6, prices));
        Assert.Equal((Gwei * 2 * 21_000) + (6UL * 131_072), CarrierCost.InBlobs(130_021, 6, prices));
        Assert.Equal((Gwei * 2 * 42_000) + (21UL * 131_072), CarrierCost.InBlobs(7 * 130_020, 6, prices));
    }

    [Fact]
    public void Calldata_costs_the_floor_from_Prague_on()
    {
        Assert.Equal(Gwei * (21_000 + (40 * (1000 + 24))), CarrierCost.InCalldata(1000, 120_000, new L1Prices(Gwei, 1)));
        Assert.Equal(Gwei * (21_000 + (16 * (1000 + 24))), CarrierCost.InCalldata(1000, 120_000, new L1Prices(Gwei, 1, HasCalldataFloor: false)));
        Assert.Equal(Gwei * (42_000 + (40 * (119_977 + 48))), CarrierCost.InCalldata(119_977, 120_000, new L1Prices(Gwei, 1)));
    }

    [Fact]
    public void A_full_channel_goes_where_it_is_cheaper()
    {
        Assert.True(Choice().Choose(1, 120_000, new L1Prices(Gwei * 10, Gwei), 1));
        Assert.False(Choice().Choose(1, 120_000, new L1Prices(Gwei, Gwei * 1000), 1));
    }

    [Fact]
    public void A_short_channel_pays_for_a_whole_blob()
    {
        // at these prices a full blob costs a quarter of its calldata, and a channel of 5,000 bytes five times as much
        var prices = new L1Prices(Gwei, Gwei * 10);
        CarrierChoice choice = Choice();
        Assert.True(choice.Choose(1, 120_000, prices, 1));
        choice.ChannelClosed(5_000);
        Assert.False(choice.Choose(1, 120_000, prices, 100));
    }

    [Fact]
    public void Prices_around_the_point_of_equality_change_nothing()
    {
        var carrier = new CarrierSwitch(marginPercent: 15, dwellBlocks: 10);
        Assert.True(carrier.Choose(99, 100, 0));
        var random = new Random(6);
        for (ulong block = 1; block < 10_000; block++) Assert.True(carrier.Choose(100, (ulong)random.Next(85, 116), block));
        Assert.False(carrier.Choose(100, 84, 10_000));
        for (ulong block = 10_001; block < 20_000; block++) Assert.False(carrier.Choose((ulong)random.Next(85, 116), 100, block));
    }

    [Fact]
    public void A_choice_stands_for_some_blocks_whatever_prices_do()
    {
        var carrier = new CarrierSwitch(marginPercent: 15, dwellBlocks: 10);
        int changes = 0;
        bool present = carrier.Choose(1, 1000, 1000);
        Assert.True(present);
        for (ulong block = 1001; block <= 1200; block++)
        {
            bool cheap = block % 2 == 0; // a price that jumps by a thousand with every block
            bool next = carrier.Choose(cheap ? 1u : 1000u, cheap ? 1000u : 1u, block);
            if (next != present) changes++;
            present = next;
        }

        Assert.InRange(changes, 1, 20);
    }

    [Fact]
    public void A_head_that_went_back_is_no_time_gone_by()
    {
        var carrier = new CarrierSwitch(marginPercent: 15, dwellBlocks: 10);
        Assert.True(carrier.Choose(1, 100, 1000));
        Assert.True(carrier.Choose(100, 1, 5));
        Assert.False(carrier.Choose(100, 1, 1010));
    }

    [Theory]
    [InlineData("0x0", true)]
    [InlineData(null, false)]
    public async Task Prices_are_asked_of_L1_and_an_L1_without_blobs_has_calldata(string? excessBlobGas, bool expected)
    {
        Assert.Equal(expected, await Choice(excessBlobGas).BlobsAreCheaperAsync(6, 120_000, default));
    }

    private static CarrierChoice Choice(string? excessBlobGas = "0x0")
    {
        var header = new Protocol.BlockHeader
        {
            Number = 1000, BaseFeePerGas = Gwei, WithdrawalsRoot = Hash256.EmptyTrie, BlobGasUsed = excessBlobGas is null ? null : 0, ExcessBlobGas = excessBlobGas is null ? null : 0,
            ParentBeaconBlockRoot = excessBlobGas is null ? null : Hash256.Zero,
        };
        var registry = new RpcRegistry()
            .Register("eth_getBlockByNumber", _ => RpcResult.Json(w => EthJson.WriteBlock(w, new Protocol.Block { Header = header }, false, Crypto.NativeCrypto.Instance)))
            .Register("eth_maxPriorityFeePerGas", _ => RpcResult.String("0x1"))
            .Register("eth_blobBaseFee", _ => RpcResult.String("0x1"));
        return new CarrierChoice(new EthClient(new InProcessRpcClient(registry, "l1")));
    }
}
