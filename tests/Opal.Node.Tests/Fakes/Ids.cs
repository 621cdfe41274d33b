using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node.Tests;

/// <summary>Made-up references: the hash tells height and fork.</summary>
internal static class Ids
{
    public static Hash256 Hash(byte chain, ulong number, byte fork = 0)
    {
        Span<byte> bytes = stackalloc byte[10];
        bytes[0] = chain;
        bytes[1] = fork;
        BitConverter.TryWriteBytes(bytes[2..], number);
        return Keccak256.Hash(bytes);
    }

    public static L1BlockRef L1(ulong number, byte fork = 0) => new(Hash(1, number, fork), number, Hash(1, number - 1, fork), number * 12);

    public static L2BlockRef L2(ulong number, byte fork = 0) =>
        new(Hash(2, number, fork), number, Hash(2, number - 1, fork), number * 2, new BlockId(Hash(1, number / 6), number / 6), number % 6);
}
