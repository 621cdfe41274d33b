namespace Opal.Protocol;

/// <summary>Blob parameters by time: EIP-7892's blob schedule, with the forks that brought and changed blobs.</summary>
public sealed class BlobSchedule
{
    private readonly Entry[] _entries;

    /// <summary>Parameters and the time in seconds that they hold from.</summary>
    public readonly record struct Entry(ulong Time, BlobParameters Parameters);

    /// <summary>A schedule of entries in any order of time; of two with the same time the later in the list holds.</summary>
    public BlobSchedule(params ReadOnlySpan<Entry> entries)
    {
        _entries = entries.ToArray();
        for (int i = 1; i < _entries.Length; i++)
        {
            // a stable insertion sort: schedules have a handful of entries
            for (int j = i; j > 0 && _entries[j].Time < _entries[j - 1].Time; j--) (_entries[j], _entries[j - 1]) = (_entries[j - 1], _entries[j]);
        }
    }

    /// <summary>No blobs ever.</summary>
    public static BlobSchedule None { get; } = new();

    /// <summary>The entries in order of time.</summary>
    public ReadOnlySpan<Entry> Entries => _entries;

    /// <summary>The parameters that hold at a time. False: there are no blobs yet.</summary>
    public bool TryGet(ulong time, out BlobParameters parameters)
    {
        parameters = default;
        bool found = false;
        foreach (Entry entry in _entries)
        {
            if (entry.Time > time) break;
            parameters = entry.Parameters;
            found = true;
        }

        return found;
    }

    /// <summary>The schedule of a public L1 chain: Ethereum mainnet, Sepolia, Holesky, Hoodi. False: the chain is none of them.</summary>
    public static bool TryGetKnown(ulong l1ChainId, out BlobSchedule schedule)
    {
        switch (l1ChainId)
        {
            case 1: // mainnet
                schedule = Known(1_710_338_135, 1_746_612_311, 1_765_290_071, 1_767_747_671);
                return true;
            case 11_155_111: // Sepolia
                schedule = Known(1_706_655_072, 1_741_159_776, 1_761_017_184, 1_761_607_008);
                return true;
            case 17_000: // Holesky
                schedule = Known(1_707_305_664, 1_740_434_112, 1_759_800_000, 1_760_389_824);
                return true;
            case 560_048: // Hoodi
                schedule = Known(0, 1_742_999_832, 1_762_365_720, 1_762_955_544);
                return true;
            default:
                schedule = None;
                return false;
        }
    }

    private static BlobSchedule Known(ulong cancun, ulong prague, ulong bpo1, ulong bpo2) => new(
        new Entry(cancun, BlobParameters.Cancun),
        new Entry(prague, BlobParameters.Prague),
        new Entry(bpo1, BlobParameters.Bpo1),
        new Entry(bpo2, BlobParameters.Bpo2));
}
