using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.ActionTests;

/// <summary>A span batch field by field, in the order of the wire, so that a test can spoil each.</summary>
public sealed class RawSpan
{
    public byte[] RelativeTime { get; set; } = [];
    public byte[] LastOrigin { get; set; } = [];
    public byte[] ParentCheck { get; set; } = [];
    public byte[] OriginCheck { get; set; } = [];
    public byte[] BlockCount { get; set; } = [];
    public byte[] OriginBits { get; set; } = [];
    public byte[] TransactionCounts { get; set; } = [];
    public byte[] Creations { get; set; } = [];
    public byte[] Parities { get; set; } = [];
    public byte[] Signatures { get; set; } = [];
    public byte[] Recipients { get; set; } = [];
    public byte[] Data { get; set; } = [];
    public byte[] Nonces { get; set; } = [];
    public byte[] GasLimits { get; set; } = [];
    public byte[] Protections { get; set; } = [];

    /// <summary>Blocks of one epoch, with transactions of the types 0, 2 and 4.</summary>
    public static RawSpan Of(RollupConfig config, IReadOnlyList<SingularBatch> blocks)
    {
        Transaction[] transactions = [.. blocks.SelectMany(static block => block.Transactions).Select(static encoded =>
        {
            Assert.True(Transaction.TryDecode(encoded, out Transaction? transaction, out _));
            return transaction!;
        })];
        Transaction[] legacy = [.. transactions.Where(static transaction => transaction.Type == TransactionType.Legacy)];
        return new RawSpan
        {
            RelativeTime = Number(blocks[0].Timestamp - config.GenesisL2Time),
            LastOrigin = Number(blocks[^1].EpochNumber),
            ParentCheck = blocks[0].ParentHash.ToArray()[..20],
            OriginCheck = blocks[^1].EpochHash.ToArray()[..20],
            BlockCount = Number((ulong)blocks.Count),
            OriginBits = new byte[(blocks.Count + 7) / 8],
            TransactionCounts = [.. blocks.SelectMany(static block => Number((ulong)block.Transactions.Count))],
            Creations = Bits([.. transactions.Select(static transaction => transaction.To is null)]),
            Parities = Bits([.. transactions.Select(static transaction => transaction.YParity == 1)]),
            Signatures = [.. transactions.SelectMany(static transaction => (byte[])[.. Hash256.FromUInt256(transaction.R).ToArray(), .. Hash256.FromUInt256(transaction.S).ToArray()])],
            Recipients = [.. transactions.Where(static transaction => transaction.To is not null).SelectMany(static transaction => transaction.To!.Value.ToArray())],
            Data = [.. transactions.SelectMany(DataOf)],
            Nonces = [.. transactions.SelectMany(static transaction => Number(transaction.Nonce))],
            GasLimits = [.. transactions.SelectMany(static transaction => Number(transaction.GasLimit))],
            Protections = Bits([.. legacy.Select(static transaction => transaction.ChainId is not null)]),
        };
    }

    /// <summary>The version byte and all fields.</summary>
    public byte[] Encode() =>
    [
        SpanBatch.Version, .. RelativeTime, .. LastOrigin, .. ParentCheck, .. OriginCheck, .. BlockCount, .. OriginBits, .. TransactionCounts, .. Creations, .. Parities, .. Signatures, .. Recipients,
        .. Data, .. Nonces, .. GasLimits, .. Protections,
    ];

    /// <summary>A number in groups of seven bits, low ones first.</summary>
    public static byte[] Number(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }

    private static byte[] Bits(bool[] bits)
    {
        var bytes = new byte[(bits.Length + 7) / 8];
        for (int i = 0; i < bits.Length; i++) if (bits[i]) bytes[^((i / 8) + 1)] |= (byte)(1 << (i % 8));
        return bytes;
    }

    /// <summary>What a transaction has beside the columns: its type and a list.</summary>
    private static byte[] DataOf(Transaction transaction)
    {
        Assert.True(transaction.Type is TransactionType.Legacy or TransactionType.DynamicFee or TransactionType.SetCode);
        Assert.Empty(transaction.AccessList);
        var writer = new RlpWriter();
        int list = writer.BeginList();
        writer.WriteUInt256(transaction.Value);
        if (transaction.Type != TransactionType.Legacy) writer.WriteUInt256(transaction.MaxPriorityFeePerGas);
        writer.WriteUInt256(transaction.MaxFeePerGas);
        writer.WriteBytes(transaction.Data.Span);
        if (transaction.Type != TransactionType.Legacy) writer.EndList(writer.BeginList());
        if (transaction.Type == TransactionType.SetCode)
        {
            int all = writer.BeginList();
            foreach (Authorization authorization in transaction.AuthorizationList)
            {
                int one = writer.BeginList();
                writer.WriteUInt256(authorization.ChainId);
                writer.WriteBytes(authorization.Address.ToArray());
                writer.WriteUInt64(authorization.Nonce);
                writer.WriteUInt64(authorization.YParity);
                writer.WriteUInt256(authorization.R);
                writer.WriteUInt256(authorization.S);
                writer.EndList(one);
            }

            writer.EndList(all);
        }

        writer.EndList(list);
        return transaction.Type == TransactionType.Legacy ? writer.ToArray() : [(byte)transaction.Type, .. writer.ToArray()];
    }
}
