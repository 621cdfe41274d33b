using Opal.Evm;
using Opal.Primitives;

namespace Opal.JsonRpc;

public sealed partial class EthClient
{
    /// <summary>An account's balance in wei.</summary>
    public Task<UInt256> GetBalanceAsync(Address address, BlockParameter block = default, CancellationToken cancellation = default) =>
        rpc.CallAsync("eth_getBalance", writer =>
        {
            writer.WriteAddressValue(address);
            writer.WriteStringValue(block.ToString());
        }, static v => v.AsUInt256(), cancellation);

    /// <summary>The number of transactions an account has sent: its next nonce.</summary>
    public Task<ulong> GetTransactionCountAsync(Address address, BlockParameter block = default, CancellationToken cancellation = default) =>
        rpc.CallAsync("eth_getTransactionCount", writer =>
        {
            writer.WriteAddressValue(address);
            writer.WriteStringValue(block.ToString());
        }, static v => v.AsQuantity(), cancellation);

    /// <summary>An account's code; empty when it has none.</summary>
    public Task<byte[]> GetCodeAsync(Address address, BlockParameter block = default, CancellationToken cancellation = default) =>
        rpc.CallAsync("eth_getCode", writer =>
        {
            writer.WriteAddressValue(address);
            writer.WriteStringValue(block.ToString());
        }, static v => v.AsData(), cancellation);

    /// <summary>A storage slot's value.</summary>
    public Task<UInt256> GetStorageAsync(Address address, UInt256 slot, BlockParameter block = default, CancellationToken cancellation = default) =>
        rpc.CallAsync("eth_getStorageAt", writer =>
        {
            writer.WriteAddressValue(address);
            writer.WriteDataValue(slot.ToBigEndianArray());
            writer.WriteStringValue(block.ToString());
        }, static v => v.AsSlot(), cancellation);

    /// <summary>Simulates a call.</summary>
    /// <exception cref="RpcCallException">It reverted: the code is 3, and the error's data is the revert data.</exception>
    public Task<byte[]> CallAsync(EthCall call, BlockParameter block = default, CancellationToken cancellation = default) =>
        rpc.CallAsync("eth_call", writer =>
        {
            call.WriteTo(writer);
            writer.WriteStringValue(block.ToString());
        }, static v => v.AsData(), cancellation);

    /// <summary>Simulates a call of a contract with call data.</summary>
    /// <inheritdoc cref="CallAsync(EthCall, BlockParameter, CancellationToken)" path="/exception"/>
    public Task<byte[]> CallAsync(Address to, ReadOnlyMemory<byte> data, BlockParameter block = default, CancellationToken cancellation = default) =>
        CallAsync(new EthCall { To = to, Data = data }, block, cancellation);

    /// <summary>The gas a call needs.</summary>
    /// <exception cref="RpcCallException">It reverts: the code is 3, and the error's data is the revert data.</exception>
    public Task<ulong> EstimateGasAsync(EthCall call, BlockParameter? block = null, CancellationToken cancellation = default) =>
        rpc.CallAsync("eth_estimateGas", writer =>
        {
            call.WriteTo(writer);
            if (block is { } at) writer.WriteStringValue(at.ToString());
        }, static v => v.AsQuantity(), cancellation);

    /// <summary>Hands a signed transaction to the node; a blob transaction in its network form.</summary>
    public Task<Hash256> SendRawTransactionAsync(ReadOnlyMemory<byte> encoded, CancellationToken cancellation = default) =>
        rpc.CallAsync("eth_sendRawTransaction", writer => writer.WriteDataValue(encoded.Span), static v => v.AsHash(), cancellation);

    /// <summary>The node's suggestion of a priority fee, wei.</summary>
    public Task<UInt256> MaxPriorityFeePerGasAsync(CancellationToken cancellation = default) =>
        rpc.CallAsync("eth_maxPriorityFeePerGas", null, static v => v.AsUInt256(), cancellation);

    /// <summary>The node's suggestion of a gas price, wei.</summary>
    public Task<UInt256> GasPriceAsync(CancellationToken cancellation = default) => rpc.CallAsync("eth_gasPrice", null, static v => v.AsUInt256(), cancellation);

    /// <summary>The blob base fee of the next block, wei.</summary>
    public Task<UInt256> BlobBaseFeeAsync(CancellationToken cancellation = default) => rpc.CallAsync("eth_blobBaseFee", null, static v => v.AsUInt256(), cancellation);

    /// <summary>The program's name and version.</summary>
    public Task<string> ClientVersionAsync(CancellationToken cancellation = default) => rpc.CallAsync("web3_clientVersion", null, static v => v.AsString(), cancellation);

    /// <summary>The logs of some contracts in a range of blocks.</summary>
    /// <param name="from">The first block.</param>
    /// <param name="to">The last block.</param>
    /// <param name="addresses">The contracts; empty for all.</param>
    /// <param name="firstTopics">The first topic, any of these; empty for all.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<(LogEntry Log, LogPlace Place)[]> GetLogsAsync(
        BlockParameter from, BlockParameter to, IReadOnlyList<Address> addresses, IReadOnlyList<Hash256> firstTopics, CancellationToken cancellation = default) =>
        rpc.CallAsync("eth_getLogs", writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("fromBlock"u8, from.ToString());
            writer.WriteString("toBlock"u8, to.ToString());
            if (addresses.Count > 0)
            {
                writer.WriteStartArray("address"u8);
                foreach (Address address in addresses) writer.WriteAddressValue(address);
                writer.WriteEndArray();
            }

            if (firstTopics.Count > 0)
            {
                writer.WriteStartArray("topics"u8);
                writer.WriteStartArray();
                foreach (Hash256 topic in firstTopics) writer.WriteHashValue(topic);
                writer.WriteEndArray();
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }, static value => value.AsArray(static item => (EthJson.ReadLog(item), EthJson.ReadLogPlace(item))), cancellation);
}
