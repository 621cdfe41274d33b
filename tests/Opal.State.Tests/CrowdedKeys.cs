using Opal.Primitives;

namespace Opal.State.Tests;

/// <summary>Keys that share many digits, as somebody who could grind hashes would choose them.</summary>
internal sealed class CrowdedKeys(int seed) : IStateKeys
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);
    private readonly int _shape = seed % 4;
    private readonly Dictionary<Address, Hash256> _accounts = [];
    private readonly Dictionary<UInt256, Hash256> _slots = [];
    private readonly List<Hash256> _known = [];
    private readonly HashSet<Hash256> _taken = [Hash256.Zero];

    public Hash256 OfAccount(in Address address)
    {
        lock (_gate)
        {
            if (!_accounts.TryGetValue(address, out Hash256 key)) _accounts[address] = key = Next();
            return key;
        }
    }

    public Hash256 OfSlot(in UInt256 slot)
    {
        lock (_gate)
        {
            if (!_slots.TryGetValue(slot, out Hash256 key)) _slots[slot] = key = Next();
            return key;
        }
    }

    private Hash256 Next()
    {
        Hash256 key;
        do
        {
            key = default;
            int from = 0;
            if (_known.Count > 0 && _random.Next(3) > 0)
            {
                from = _shape switch { 0 => _random.Next(4), 1 => _random.Next(64), 2 => 58 + _random.Next(6), _ => 10 + _random.Next(10) };
                key = _known[_random.Next(_known.Count)].FirstDigits(from);
            }

            int digits = 1 + _random.Next(3);
            bool sparse = _random.Next(2) == 0;
            for (int i = from; i < 64; i++)
            {
                if (!sparse || _random.Next(4) == 0 || i == from) key = key.WithDigit(i, _shape == 0 && i > 3 ? _random.Next(16) : _random.Next(digits + 1));
            }
        }
        while (!_taken.Add(key));
        _known.Add(key);
        return key;
    }
}
