using Opal.Derivation;
using Opal.Storage;

namespace Opal.Batcher;

/// <summary>What the records of a journal amount to.</summary>
internal sealed class JournalReplay
{
    private readonly Dictionary<ChannelId, (ClosedChannel Channel, FrameAddress Address)> _channels = [];
    private readonly List<ChannelId> _order = [];
    private readonly Dictionary<ulong, (ClosedChannel Channel, SentTransaction Transaction)> _transactions = [];

    /// <summary>The channels that did not end, in the order they were closed, with the addresses of their first records.</summary>
    public IEnumerable<(ClosedChannel Channel, FrameAddress Address)> Live => _order.Where(_channels.ContainsKey).Select(id => _channels[id]);

    /// <summary>The number of the next transaction.</summary>
    public ulong NextTransaction { get; private set; }

    /// <summary>The hashes of all versions, oldest first.</summary>
    public List<Primitives.Hash256> Versions { get; } = [];

    /// <summary>Takes the next record. False when it cannot be read: the log is not what this program wrote.</summary>
    public bool TryApply(Storage.Frame record)
    {
        ReadOnlySpan<byte> payload = record.Payload.Span;
        switch ((JournalRecordType)record.Type)
        {
            case JournalRecordType.ChannelClosed:
                if (!JournalRecords.TryReadChannel(payload, out ClosedChannel? closed) || !_channels.TryAdd(closed!.Id, (closed, record.Address))) return false;
                _order.Add(closed.Id);
                return true;
            case JournalRecordType.TransactionPlanned:
                return TryPlan(payload);
            case JournalRecordType.VersionSigned:
                if (!JournalRecords.TryReadVersion(payload, out ulong signed, out TxManager.TxVersion version)) return false;
                Versions.Add(version.Hash);
                NextTransaction = Math.Max(NextTransaction, signed + 1);
                if (_transactions.TryGetValue(signed, out (ClosedChannel Channel, SentTransaction Transaction) of)) of.Transaction.Add(version);
                return true;
            case JournalRecordType.TransactionConfirmed:
                if (!JournalRecords.TryReadConfirmed(payload, out ulong confirmed, out Protocol.BlockId included)) return false;
                if (_transactions.TryGetValue(confirmed, out of)) of.Channel.Confirm(of.Transaction, included);
                return true;
            case JournalRecordType.TransactionFailed:
                if (!JournalRecords.TryReadTransaction(payload, out ulong failed)) return false;
                if (_transactions.TryGetValue(failed, out of)) of.Channel.Fail(of.Transaction);
                return true;
            case JournalRecordType.TransactionReopened:
                if (!JournalRecords.TryReadTransaction(payload, out ulong reopened)) return false;
                if (_transactions.TryGetValue(reopened, out of)) of.Channel.Reopen(of.Transaction);
                return true;
            case JournalRecordType.ChannelEnded:
                if (!JournalRecords.TryReadEnd(payload, out ChannelId ended)) return false;
                _channels.Remove(ended);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The plan of a channel whose own record was let go of says nothing any more.</summary>
    private bool TryPlan(ReadOnlySpan<byte> payload)
    {
        if (!JournalRecords.TryReadPlan(payload, out ChannelId id, out SentTransaction? transaction)) return false;
        NextTransaction = Math.Max(NextTransaction, transaction!.Id + 1);
        if (!_channels.TryGetValue(id, out (ClosedChannel Channel, FrameAddress Address) channel)) return true;
        if (transaction.FirstFrame + transaction.FrameCount > channel.Channel.FrameCount) return false;
        channel.Channel.Add(transaction);
        _transactions[transaction.Id] = (channel.Channel, transaction);
        return true;
    }
}
