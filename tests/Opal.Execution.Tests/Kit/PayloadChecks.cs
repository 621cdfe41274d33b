using Opal.Protocol;

namespace Opal.Execution.Tests;

/// <summary>Whether a payload is the block that was asked for, and valid.</summary>
internal static class PayloadChecks
{
    public static void Check(Blockchain chain, BlockExecutor executor, ExecutedBlock parent, PayloadAttributes attributes, BuiltPayload payload, string context)
    {
        Block block = payload.Block;
        BlockHeader header = block.Header;
        Assert.True(header.ParentHash == parent.Hash, $"{context}: built on {header.ParentHash}, asked for {parent.Hash}");
        Assert.Equal(parent.Number + 1, header.Number);
        Assert.Equal(attributes.Timestamp, header.Timestamp);
        Assert.Equal(attributes.PrevRandao, header.MixHash);
        Assert.Equal(attributes.SuggestedFeeRecipient, header.Beneficiary);
        Assert.Equal(attributes.ParentBeaconBlockRoot, header.ParentBeaconBlockRoot);
        Assert.Equal(attributes.GasLimit, header.GasLimit);
        Assert.True(attributes.Transactions.SequenceEqual(block.Transactions.Take(attributes.Transactions.Count).Select(t => t.Encoded), ByteArrays.Instance), $"{context}: forced transactions differ");
        if (attributes.NoTxPool) Assert.Equal(attributes.Transactions.Count, block.Transactions.Length);
        ChainState state = chain.OpenState(parent) ?? throw new InvalidOperationException($"{context}: the parent's state is gone");
        ExecutionResult result = executor.Execute(parent.Header, block, state);
        Assert.True(result.IsValid, $"{context}: transaction {result.InvalidTransaction}, {result.Describe()}");
        Assert.Equal(result.Receipts.Length, payload.Built.Receipts.Length);
    }

    private sealed class ByteArrays : IEqualityComparer<byte[]>
    {
        public static ByteArrays Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => obj.Length;
    }
}
