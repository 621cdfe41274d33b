using System.Buffers.Binary;
using System.Diagnostics;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>
/// Canonical blocks by their state roots, read from headers when asked: the newest first, and as far back as the time of one question allows. The next question goes on
/// from there. Some 30 bytes a block. Thread-safe.
/// </summary>
internal sealed class StateRootIndex(Blockchain chain)
{
    /// <summary>How many blocks are looked through: nine days at one block in two seconds, longer than a dispute.</summary>
    private const ulong MaxBlocks = 400_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, ulong> _numbers = [];

    /// <summary>The lowest and the highest block read; none when the hash is zero.</summary>
    private ulong _lowest, _highest;
    private Hash256 _highestHash;

    /// <summary>The hash of the newest block found that ends in a state.</summary>
    public bool TryFind(in Hash256 root, TimeSpan limit, out Hash256 block)
    {
        long started = Stopwatch.GetTimestamp();
        ulong key = FirstHalf(root);
        lock (_lock)
        {
            ReadNew();
            if (IsThere(root, key, out block)) return true;
            ulong oldest = Math.Max(chain.OldestState, _highest < MaxBlocks ? 0 : _highest - MaxBlocks + 1);
            while (_lowest > oldest && Stopwatch.GetElapsedTime(started) < limit)
            {
                if (chain.FindCanonicalHeader(_lowest - 1) is not { } header) return false;
                _lowest--;
                _numbers.TryAdd(FirstHalf(header.StateRoot), _lowest);
                if (header.StateRoot == root) return IsThere(root, key, out block);
            }
        }

        return false;
    }

    private bool IsThere(in Hash256 root, ulong key, out Hash256 block)
    {
        block = default;
        return _numbers.TryGetValue(key, out ulong number) && chain.FindCanonicalHeader(number)?.StateRoot == root && chain.TryGetCanonicalHash(number, out block);
    }

    /// <summary>Reads the blocks that came since; all anew when the chain left the block that was the highest.</summary>
    private void ReadNew()
    {
        BlockHeader head = chain.Head.Header;
        if (_highestHash.IsZero || !chain.TryGetCanonicalHash(_highest, out Hash256 hash) || hash != _highestHash || head.Number - Math.Min(head.Number, _highest) > MaxBlocks)
        {
            _numbers.Clear();
            _numbers[FirstHalf(head.StateRoot)] = head.Number;
            _lowest = head.Number;
        }
        else
        {
            for (ulong number = _highest + 1; number <= head.Number; number++)
            {
                if (chain.FindCanonicalHeader(number) is { } header) _numbers[FirstHalf(header.StateRoot)] = number;
            }

            if (_numbers.Count > 2 * (int)MaxBlocks)
            {
                foreach ((ulong key, ulong number) in _numbers)
                {
                    if (number + MaxBlocks < head.Number) _numbers.Remove(key);
                }

                _lowest = Math.Max(_lowest, head.Number - MaxBlocks);
            }
        }

        (_highest, _highestHash) = (head.Number, head.Hash);
    }

    private static ulong FirstHalf(in Hash256 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        hash.CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }
}
