namespace Opal.JsonRpc;

/// <summary>How a beacon chain counts time.</summary>
/// <param name="GenesisTime">The time of slot 0, seconds.</param>
/// <param name="SecondsPerSlot">The length of a slot, seconds; not 0.</param>
public sealed record BeaconClock(ulong GenesisTime, ulong SecondsPerSlot)
{
    /// <summary>The slot of the L1 block with a timestamp in seconds. False: the time is before the beacon chain's genesis.</summary>
    public bool TrySlotAt(ulong l1Timestamp, out ulong slot)
    {
        bool after = l1Timestamp >= GenesisTime;
        slot = after ? (l1Timestamp - GenesisTime) / SecondsPerSlot : 0;
        return after;
    }
}
