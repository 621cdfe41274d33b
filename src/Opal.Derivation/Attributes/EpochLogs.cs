using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>The logs of an L1 block that derivation reads: deposits and system config updates, in order, of transactions that succeeded.</summary>
internal sealed class EpochLogs
{
    private readonly List<Entry> _deposits = [];
    private readonly List<Entry> _updates = [];

    private readonly record struct Entry(LogEntry Log, int Index);

    /// <summary>No logs.</summary>
    public static EpochLogs None { get; } = new();

    /// <summary>Whether a block may hold such logs, by its header's filter; false is certain.</summary>
    public static bool MayBeIn(BlockHeader header, RollupConfig config) =>
        (header.LogsBloom.MayContain(config.DepositContractAddress) && header.LogsBloom.MayContain(DepositEvents.Topic))
        || (header.LogsBloom.MayContain(config.L1SystemConfigAddress) && header.LogsBloom.MayContain(SystemConfigUpdates.Topic));

    /// <summary>Picks the logs out of a block's receipts.</summary>
    public static EpochLogs Of(L1Receipts block, RollupConfig config)
    {
        var logs = new EpochLogs();
        int index = 0;
        for (int i = 0; i < block.Receipts.Count; i++)
        {
            if (block.Receipts[i] is not { } receipt) continue;
            foreach (LogEntry log in receipt.Logs)
            {
                if (receipt.Succeeded && log.Topics.Length > 0)
                {
                    if (log.Address == config.DepositContractAddress && log.Topics[0] == DepositEvents.Topic) logs._deposits.Add(new Entry(log, index));
                    if (log.Address == config.L1SystemConfigAddress && log.Topics[0] == SystemConfigUpdates.Topic) logs._updates.Add(new Entry(log, index));
                }

                index++;
            }
        }

        return logs;
    }

    /// <summary>Adds the encoded deposits. False: one does not parse, and deposits may never be skipped.</summary>
    public bool TryAddDeposits(in Hash256 l1BlockHash, List<byte[]> transactions)
    {
        foreach (Entry entry in _deposits)
        {
            if (!DepositEvents.TryDecode(entry.Log, l1BlockHash, (ulong)entry.Index, out Transaction? deposit, out _)) return false;
            transactions.Add(deposit!.Encoded);
        }

        return true;
    }

    /// <summary>Applies the updates in order; malformed ones are skipped whole.</summary>
    public SystemConfig ApplyUpdates(SystemConfig config, BlockHeader l1Block, RollupConfig rollup, IDerivationObserver? observer)
    {
        bool isEcotone = rollup.IsActive(OptimismFork.Ecotone, new L1OriginTime(l1Block.Timestamp));
        foreach (Entry entry in _updates)
        {
            SystemConfigUpdateError error = SystemConfigUpdates.Apply(config, entry.Log, isEcotone, out config);
            if (error != SystemConfigUpdateError.None && observer is not null)
            {
                observer.SystemConfigUpdateSkipped(new BlockId(l1Block.Hash, l1Block.Number), entry.Index);
            }
        }

        return config;
    }

    /// <summary>Writes the logs, for a snapshot.</summary>
    public void Write(RlpWriter writer)
    {
        foreach (List<Entry> entries in (ReadOnlySpan<List<Entry>>)[_deposits, _updates])
        {
            int list = writer.BeginList();
            foreach (Entry entry in entries) SnapshotCodec.WriteLog(writer, entry.Log, entry.Index);
            writer.EndList(list);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static bool TryRead(ref RlpReader reader, out EpochLogs? logs)
    {
        logs = null;
        var read = new EpochLogs();
        foreach (List<Entry> entries in (ReadOnlySpan<List<Entry>>)[read._deposits, read._updates])
        {
            if (!reader.TryReadList(out RlpReader items)) return false;
            while (!items.AtEnd)
            {
                if (!SnapshotCodec.TryReadLog(ref items, out LogEntry? log, out int index)) return false;
                entries.Add(new Entry(log!, index));
            }
        }

        logs = read;
        return true;
    }
}
