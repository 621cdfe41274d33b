using Opal.Primitives;

namespace Opal.Evm;

/// <summary>The logs of a transaction in flat arrays; they become objects only when somebody asks after the transaction.</summary>
internal sealed class LogBuffer
{
    private struct Record
    {
        public Address Address;
        public int TopicStart, TopicCount, DataStart, DataLength;
    }

    private Record[] _records = new Record[16];
    private Hash256[] _topics = new Hash256[64];
    private byte[] _data = new byte[1024];
    private int _topicCount, _dataLength;

    /// <summary>The number of logs.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a log and hands out room for its topics and data.</summary>
    public void Add(in Address address, int topicCount, int dataLength, out Span<Hash256> topics, out Span<byte> data)
    {
        if (Count == _records.Length) Array.Resize(ref _records, Count * 2);
        if (_topicCount + topicCount > _topics.Length) Array.Resize(ref _topics, _topics.Length * 2);
        if (_dataLength + dataLength > _data.Length) Array.Resize(ref _data, Math.Max(_data.Length * 2, _dataLength + dataLength));
        _records[Count++] = new Record
        {
            Address = address, TopicStart = _topicCount, TopicCount = topicCount, DataStart = _dataLength, DataLength = dataLength,
        };
        topics = _topics.AsSpan(_topicCount, topicCount);
        data = _data.AsSpan(_dataLength, dataLength);
        _topicCount += topicCount;
        _dataLength += dataLength;
    }

    /// <summary>Forgets all logs but the first <paramref name="count"/>.</summary>
    public void Truncate(int count)
    {
        if (count >= Count) return;
        _topicCount = _records[count].TopicStart;
        _dataLength = _records[count].DataStart;
        Count = count;
        if (count == 0 && _data.Length > 1 << 20) _data = new byte[1024];
    }

    /// <summary>The logs as objects, in order.</summary>
    public LogEntry[] ToArray()
    {
        if (Count == 0) return [];
        var logs = new LogEntry[Count];
        for (int i = 0; i < Count; i++)
        {
            ref Record r = ref _records[i];
            logs[i] = new LogEntry(r.Address, _topics.AsSpan(r.TopicStart, r.TopicCount).ToArray(), _data.AsSpan(r.DataStart, r.DataLength).ToArray());
        }

        return logs;
    }
}
