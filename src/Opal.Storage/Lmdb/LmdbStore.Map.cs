using static Opal.Storage.LmdbNative;

namespace Opal.Storage;

// A map smaller than one could wish (address space is limited) grows between transactions; it may only move when nobody reads.
public sealed unsafe partial class LmdbStore
{
    private static readonly TimeSpan ReadersEnd = TimeSpan.FromSeconds(5);

    private readonly object _mapGate = new();
    private bool _grows, _growing, _wasFull;
    private long _mapSize;
    private int _reading;

    internal void NoteFull() => _wasFull = true;

    private void EnterMap()
    {
        lock (_mapGate)
        {
            while (_growing) Monitor.Wait(_mapGate);
            _reading++;
        }
    }

    private void LeaveMap()
    {
        lock (_mapGate)
        {
            if (--_reading == 0) Monitor.PulseAll(_mapGate);
        }
    }

    // by the writer, before its transaction; doubles the map when less than half of it is left
    private void GrowMap()
    {
        EnvironmentInfo info;
        Statistics statistics;
        Check(mdb_env_info(_environment, &info));
        Check(mdb_env_stat(_environment, &statistics));
        long used = ((long)info.LastPage + 1) * statistics.PageSize;
        if (!_wasFull && used < _mapSize / 2) return;
        lock (_mapGate)
        {
            _growing = true;
            try
            {
                long until = Environment.TickCount64 + (long)ReadersEnd.TotalMilliseconds;
                while (_reading > 0)
                {
                    long left = until - Environment.TickCount64;
                    if (left <= 0 || !Monitor.Wait(_mapGate, (int)left)) return; // a long reader: next time, or the map is full and says so
                }

                long size = Math.Min(_mapSize * 2, LmdbOptions.LargestMap);
                if (size == _mapSize || mdb_env_set_mapsize(_environment, (nuint)size) != 0) return; // no more address space: full is full
                (_mapSize, _wasFull) = (size, false);
            }
            finally
            {
                _growing = false;
                Monitor.PulseAll(_mapGate);
            }
        }
    }
}
