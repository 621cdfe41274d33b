using System.Diagnostics;
using Opal.Crypto;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;

namespace Opal.Cli.Witness;

/// <summary>Executes blocks statelessly, with the executor that the node uses.</summary>
public static class WitnessRunner
{
    /// <summary>Builds a block from its attributes on its witness and compares its hash.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="block">The block.</param>
    public static WitnessResult Run(string name, WitnessBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        using var executor = new BlockExecutor(NativeCrypto.Instance, block.Spec);
        var clock = Stopwatch.StartNew();
        BlockHeader? header;
        string? problem;
        try
        {
            problem = Build(executor, block, out header);
        }
        catch (MissingStateException e)
        {
            (problem, header) = (e.Message, null); // the execution left the way that the chain's took
        }

        Hash256? hash = header?.Hash;
        TimeSpan elapsed = clock.Elapsed;
        if (problem is null && hash != block.ExpectedHash) problem = Compare(header!, block);
        return new WitnessResult(name, hash, block.ExpectedHash, header?.GasUsed ?? 0, elapsed, problem);
    }

    private static string? Build(BlockExecutor executor, WitnessBlock block, out BlockHeader? header)
    {
        header = null;
        ExecutionResult begun = executor.TryBegin(block.Parent, block.Attributes, block.OpenState(), BuildOptions.Default, out BlockBuilder? builder);
        if (!begun.IsValid)
        {
            return begun.InvalidTransaction < 0 ? begun.Describe() : $"transaction {begun.InvalidTransaction}: {begun.Describe()}";
        }

        BlockError error = builder!.Seal(out BuiltBlock? built);
        if (error != BlockError.None) return Descriptions.Of(error);
        header = block.BaseFeeOverride is { } baseFee ? WithBaseFee(built!.Block.Header, baseFee) : built!.Block.Header;
        return null;
    }

    /// <summary>The first field that differs, where the chain's header is known.</summary>
    private static string Compare(BlockHeader header, WitnessBlock block)
    {
        if (block.ExpectedHeader is not { } expected) return "the block hash is another";
        if (header.StateRoot != expected.StateRoot) return $"state root {header.StateRoot}, expected {expected.StateRoot}";
        if (header.GasUsed != expected.GasUsed) return $"gas used {header.GasUsed}, expected {expected.GasUsed}";
        if (header.ReceiptsRoot != expected.ReceiptsRoot) return $"receipts root {header.ReceiptsRoot}, expected {expected.ReceiptsRoot}";
        return header.BaseFeePerGas == expected.BaseFeePerGas ? "the block hash is another" : $"base fee {header.BaseFeePerGas}, expected {expected.BaseFeePerGas}";
    }

    private static BlockHeader WithBaseFee(BlockHeader header, UInt256 baseFee) => new()
    {
        ParentHash = header.ParentHash,
        Beneficiary = header.Beneficiary,
        StateRoot = header.StateRoot,
        TransactionsRoot = header.TransactionsRoot,
        ReceiptsRoot = header.ReceiptsRoot,
        LogsBloom = header.LogsBloom,
        Number = header.Number,
        GasLimit = header.GasLimit,
        GasUsed = header.GasUsed,
        Timestamp = header.Timestamp,
        ExtraData = header.ExtraData,
        MixHash = header.MixHash,
        BaseFeePerGas = baseFee,
        WithdrawalsRoot = header.WithdrawalsRoot,
        BlobGasUsed = header.BlobGasUsed,
        ExcessBlobGas = header.ExcessBlobGas,
        ParentBeaconBlockRoot = header.ParentBeaconBlockRoot,
        RequestsHash = header.RequestsHash,
    };
}
