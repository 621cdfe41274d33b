using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Snapshots as RLP: [version, safe, config, current, stage origin, [epoch…], [channel…], [batch…], [singular…]].</summary>
internal static class SnapshotCodec
{
    private const ulong Version = 1;

    public static byte[] Encode(DerivationSnapshot snapshot)
    {
        var writer = new RlpWriter(16 * 1024);
        int list = writer.BeginList();
        writer.WriteUInt64(Version);
        WriteL2(writer, snapshot.Safe);
        WriteConfig(writer, snapshot.Config);
        WriteEpoch(writer, snapshot.Current);
        WriteL1(writer, snapshot.StageOrigin);
        int items = writer.BeginList();
        foreach (EpochBlock epoch in snapshot.Epochs) WriteEpoch(writer, epoch);
        writer.EndList(items);
        items = writer.BeginList();
        foreach (Channel channel in snapshot.Channels) channel.Write(writer);
        writer.EndList(items);
        items = writer.BeginList();
        foreach (Batch batch in snapshot.Batches) WriteBatch(writer, batch);
        writer.EndList(items);
        items = writer.BeginList();
        foreach (SingularBatch batch in snapshot.Span) writer.WriteBytes(batch.Encode());
        writer.EndList(items);
        writer.EndList(list);
        return writer.ToArray();
    }

    public static bool TryDecode(ReadOnlySpan<byte> encoded, RollupConfig config, out DerivationSnapshot? snapshot)
    {
        snapshot = null;
        if (!RlpReader.TryOpenList(encoded, out RlpReader fields) || !fields.TryReadUInt64(out ulong version) || version != Version) return false;
        if (!TryReadL2(ref fields, out L2BlockRef safe) || !TryReadConfig(ref fields, out SystemConfig? system)) return false;
        if (!TryReadEpoch(ref fields, out EpochBlock? current) || !TryReadL1(ref fields, out L1BlockRef stageOrigin)) return false;
        if (!fields.TryReadList(out RlpReader epochs) || !fields.TryReadList(out RlpReader channels)) return false;
        if (!fields.TryReadList(out RlpReader batches) || !fields.TryReadList(out RlpReader span) || !fields.TryEnd()) return false;

        var epochList = new List<EpochBlock>();
        while (!epochs.AtEnd)
        {
            if (!TryReadEpoch(ref epochs, out EpochBlock? epoch)) return false;
            epochList.Add(epoch!);
        }

        var channelList = new List<Channel>();
        while (!channels.AtEnd)
        {
            if (!Channel.TryRead(ref channels, out Channel? channel)) return false;
            channelList.Add(channel!);
        }

        var batchList = new List<Batch>();
        while (!batches.AtEnd)
        {
            if (!TryReadBatch(ref batches, config, out Batch batch)) return false;
            batchList.Add(batch);
        }

        var spanList = new List<SingularBatch>();
        while (!span.AtEnd)
        {
            if (!TryReadSingular(ref span, out SingularBatch? batch)) return false;
            spanList.Add(batch!);
        }

        snapshot = new DerivationSnapshot(safe, system!, current!, stageOrigin, epochList.ToArray(), channelList.ToArray(), batchList.ToArray(), spanList.ToArray());
        return true;
    }

    private static void WriteL1(RlpWriter writer, in L1BlockRef block)
    {
        int list = writer.BeginList();
        writer.WriteHash(block.Hash);
        writer.WriteUInt64(block.Number);
        writer.WriteHash(block.ParentHash);
        writer.WriteUInt64(block.Timestamp);
        writer.EndList(list);
    }

    private static bool TryReadL1(ref RlpReader reader, out L1BlockRef block)
    {
        block = default;
        if (!reader.TryReadList(out RlpReader fields)
            || !fields.TryReadHash(out Hash256 hash) || !fields.TryReadUInt64(out ulong number)
            || !fields.TryReadHash(out Hash256 parent) || !fields.TryReadUInt64(out ulong time) || !fields.TryEnd())
        {
            return false;
        }

        block = new L1BlockRef(hash, number, parent, time);
        return true;
    }

    private static void WriteL2(RlpWriter writer, in L2BlockRef block)
    {
        int list = writer.BeginList();
        writer.WriteHash(block.Hash);
        writer.WriteUInt64(block.Number);
        writer.WriteHash(block.ParentHash);
        writer.WriteUInt64(block.Timestamp);
        writer.WriteHash(block.L1Origin.Hash);
        writer.WriteUInt64(block.L1Origin.Number);
        writer.WriteUInt64(block.SequenceNumber);
        writer.EndList(list);
    }

    private static bool TryReadL2(ref RlpReader reader, out L2BlockRef block)
    {
        block = default;
        if (!reader.TryReadList(out RlpReader fields)
            || !fields.TryReadHash(out Hash256 hash) || !fields.TryReadUInt64(out ulong number)
            || !fields.TryReadHash(out Hash256 parent) || !fields.TryReadUInt64(out ulong time)
            || !fields.TryReadHash(out Hash256 originHash) || !fields.TryReadUInt64(out ulong originNumber)
            || !fields.TryReadUInt64(out ulong sequence) || !fields.TryEnd())
        {
            return false;
        }

        block = new L2BlockRef(hash, number, parent, time, new BlockId(originHash, originNumber), sequence);
        return true;
    }

    private static void WriteConfig(RlpWriter writer, SystemConfig config)
    {
        int list = writer.BeginList();
        writer.WriteAddress(config.BatcherAddress);
        writer.WriteUInt256(config.Overhead);
        writer.WriteUInt256(config.Scalar);
        writer.WriteUInt64(config.GasLimit);
        writer.WriteUInt64(config.Eip1559Denominator);
        writer.WriteUInt64(config.Eip1559Elasticity);
        writer.WriteUInt64(config.OperatorFeeScalar);
        writer.WriteUInt64(config.OperatorFeeConstant);
        writer.WriteUInt64(config.MinBaseFee);
        writer.WriteUInt64(config.DAFootprintGasScalar);
        writer.EndList(list);
    }

    private static bool TryReadConfig(ref RlpReader reader, out SystemConfig? config)
    {
        config = null;
        if (!reader.TryReadList(out RlpReader fields)
            || !fields.TryReadAddress(out Address batcher) || !fields.TryReadUInt256(out UInt256 overhead) || !fields.TryReadUInt256(out UInt256 scalar)
            || !fields.TryReadUInt64(out ulong gasLimit)
            || !fields.TryReadUInt64(out ulong denominator) || denominator > uint.MaxValue || !fields.TryReadUInt64(out ulong elasticity) || elasticity > uint.MaxValue
            || !fields.TryReadUInt64(out ulong operatorScalar) || operatorScalar > uint.MaxValue || !fields.TryReadUInt64(out ulong operatorConstant)
            || !fields.TryReadUInt64(out ulong minBaseFee) || !fields.TryReadUInt64(out ulong footprint) || footprint > ushort.MaxValue || !fields.TryEnd())
        {
            return false;
        }

        config = new SystemConfig
        {
            BatcherAddress = batcher,
            Overhead = overhead,
            Scalar = scalar,
            GasLimit = gasLimit,
            Eip1559Denominator = (uint)denominator,
            Eip1559Elasticity = (uint)elasticity,
            OperatorFeeScalar = (uint)operatorScalar,
            OperatorFeeConstant = operatorConstant,
            MinBaseFee = minBaseFee,
            DAFootprintGasScalar = (ushort)footprint,
        };
        return true;
    }

    private static void WriteEpoch(RlpWriter writer, EpochBlock epoch)
    {
        int list = writer.BeginList();
        writer.WriteRaw(epoch.Header.Encode());
        epoch.Logs.Write(writer);
        writer.EndList(list);
    }

    private static bool TryReadEpoch(ref RlpReader reader, out EpochBlock? epoch)
    {
        epoch = null;
        if (!reader.TryReadList(out RlpReader fields) || !BlockHeader.TryRead(ref fields, out BlockHeader? header)) return false;
        if (!EpochLogs.TryRead(ref fields, out EpochLogs? logs) || !fields.TryEnd()) return false;
        epoch = new EpochBlock(new L1BlockRef(header!.Hash, header.Number, header.ParentHash, header.Timestamp), header, logs!);
        return true;
    }

    private static void WriteBatch(RlpWriter writer, in Batch batch)
    {
        int list = writer.BeginList();
        WriteL1(writer, batch.Inclusion);
        if (batch.Span is { } span) span.Write(writer);
        else writer.WriteBytes(batch.Singular!.Encode());
        writer.EndList(list);
    }

    private static bool TryReadBatch(ref RlpReader reader, RollupConfig config, out Batch batch)
    {
        batch = default;
        if (!reader.TryReadList(out RlpReader fields) || !TryReadL1(ref fields, out L1BlockRef inclusion)) return false;
        if (fields.NextIsList)
        {
            if (!SpanBatch.TryRead(ref fields, config.BlockTimeSeconds, out SpanBatch? span) || !fields.TryEnd()) return false;
            batch = new Batch(null, span, inclusion);
            return true;
        }

        if (!TryReadSingular(ref fields, out SingularBatch? singular) || !fields.TryEnd()) return false;
        batch = new Batch(singular, null, inclusion);
        return true;
    }

    private static bool TryReadSingular(ref RlpReader reader, out SingularBatch? batch)
    {
        batch = null;
        return reader.TryReadBytes(out ReadOnlySpan<byte> encoded) && encoded.Length > 0 && encoded[0] == SingularBatch.Version && SingularBatch.TryDecode(encoded[1..], out batch);
    }

    /// <summary>Writes a log with its index in the block.</summary>
    public static void WriteLog(RlpWriter writer, LogEntry log, int index)
    {
        int list = writer.BeginList();
        writer.WriteUInt64((ulong)index);
        writer.WriteAddress(log.Address);
        int topics = writer.BeginList();
        foreach (Hash256 topic in log.Topics) writer.WriteHash(topic);
        writer.EndList(topics);
        writer.WriteBytes(log.Data);
        writer.EndList(list);
    }

    /// <summary>Reads what <see cref="WriteLog"/> wrote.</summary>
    public static bool TryReadLog(ref RlpReader reader, out LogEntry? log, out int index)
    {
        (log, index) = (null, 0);
        if (!reader.TryReadList(out RlpReader fields) || !fields.TryReadUInt64(out ulong position) || position > int.MaxValue) return false;
        if (!fields.TryReadAddress(out Address address) || !fields.TryReadList(out RlpReader topics)) return false;
        var topicList = new List<Hash256>();
        while (!topics.AtEnd)
        {
            if (!topics.TryReadHash(out Hash256 topic)) return false;
            topicList.Add(topic);
        }

        if (!fields.TryReadBytes(out ReadOnlySpan<byte> data) || !fields.TryEnd()) return false;
        log = new LogEntry(address, topicList.ToArray(), data.ToArray());
        index = (int)position;
        return true;
    }
}
