using System.Runtime.InteropServices;
using Opal.Primitives;

namespace Opal.Storage;

/// <summary>The index of hashes in memory, for tests and ephemeral networks.</summary>
public sealed class MemoryHashIndex : IHashIndex
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Hash256, List<HashPlace>> _places = [];
    private readonly SortedDictionary<ulong, Hash256[]> _blocks = [];
    private ulong _next;
    private long _count;

    /// <inheritdoc/>
    public ulong Next
    {
        get
        {
            lock (_gate) return _next;
        }
    }

    /// <inheritdoc/>
    public long Size
    {
        get
        {
            lock (_gate) return _count * (Hash256.Size + 12);
        }
    }

    /// <inheritdoc/>
    public void Append(ulong number, ReadOnlySpan<Hash256> hashes)
    {
        lock (_gate)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(number, _next);
            for (int i = 0; i < hashes.Length; i++)
            {
                ref List<HashPlace>? places = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, hashes[i], out _);
                (places ??= []).Add(new HashPlace(number, (uint)i));
            }

            if (!hashes.IsEmpty) _blocks.Add(number, hashes.ToArray());
            _count += hashes.Length;
            _next = number + 1;
        }
    }

    /// <inheritdoc/>
    public void Find(in Hash256 hash, List<HashPlace> places)
    {
        lock (_gate)
        {
            if (!_places.TryGetValue(hash, out List<HashPlace>? found)) return;
            for (int i = found.Count - 1; i >= 0; i--) places.Add(found[i]);
        }
    }

    /// <inheritdoc/>
    public void TruncateAfter(ulong number)
    {
        lock (_gate)
        {
            if (_next <= number + 1) return;
            Remove(_blocks.Keys.Where(n => n > number).ToArray());
            _next = number + 1;
        }
    }

    /// <inheritdoc/>
    public void PruneBefore(ulong number)
    {
        lock (_gate) Remove(_blocks.Keys.TakeWhile(n => n < number).ToArray());
    }

    private void Remove(ulong[] numbers)
    {
        foreach (ulong number in numbers)
        {
            _blocks.Remove(number, out Hash256[]? hashes);
            _count -= hashes!.Length;
            foreach (Hash256 hash in hashes)
            {
                if (!_places.TryGetValue(hash, out List<HashPlace>? places)) continue;
                places.RemoveAll(p => p.Block == number);
                if (places.Count == 0) _places.Remove(hash);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
