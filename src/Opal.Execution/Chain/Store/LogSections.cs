using System.Buffers.Binary;
using System.Numerics;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Execution;

/// <summary>
/// The log filters of old blocks turned over: for a section of 4096 blocks and each of a filter's 2048 bits, a row that says which blocks have the
/// bit. So a question about a topic reads three rows a section instead of 4096 filters.
/// </summary>
/// <remarks>Table <c>bits</c>: section u32, bit u16 (big-endian) -> the row: 512 bytes, block i of the section at bit i % 8 of byte i / 8; or, where at most 255 blocks have the bit, their numbers in the section, 2 bytes each, little-endian. A row nobody has is left out.</remarks>
internal static class LogSections
{
    /// <summary>Blocks of a section.</summary>
    public const int Blocks = 4096;

    private const int Rows = Bloom.Size * 8, RowBytes = Blocks / 8, RowWords = Blocks / 64, KeySize = 6;

    private static void WriteKey(Span<byte> key, ulong section, int bit)
    {
        BinaryPrimitives.WriteUInt32BigEndian(key, checked((uint)section));
        BinaryPrimitives.WriteUInt16BigEndian(key[4..], (ushort)bit);
    }

    /// <summary>Writes a section.</summary>
    /// <param name="transaction">Where to.</param>
    /// <param name="table">The table <c>bits</c>.</param>
    /// <param name="section">Which one.</param>
    /// <param name="blooms">The filters of its blocks by number in the section; null for a block that has none.</param>
    public static void Write(IWriteTransaction transaction, StoreTable table, ulong section, ReadOnlySpan<Bloom?> blooms)
    {
        var rows = new byte[Rows * RowBytes];
        for (int block = 0; block < blooms.Length; block++)
        {
            if (blooms[block] is not { } bloom) continue;
            ReadOnlySpan<byte> bytes = bloom.Bytes;
            for (int at = 0; at < bytes.Length; at++)
            {
                for (int rest = bytes[at]; rest != 0; rest &= rest - 1)
                {
                    int bit = ((Bloom.Size - 1 - at) * 8) + BitOperations.TrailingZeroCount(rest);
                    rows[(bit * RowBytes) + (block >> 3)] |= (byte)(1 << (block & 7));
                }
            }
        }

        Span<byte> key = stackalloc byte[KeySize], few = stackalloc byte[RowBytes];
        for (int bit = 0; bit < Rows; bit++)
        {
            ReadOnlySpan<byte> row = rows.AsSpan(bit * RowBytes, RowBytes);
            int count = 0;
            foreach (byte b in row) count += BitOperations.PopCount(b);
            if (count == 0) continue;
            WriteKey(key, section, bit);
            transaction.Put(table, key, count * 2 < RowBytes ? List(row, few) : row);
        }
    }

    private static ReadOnlySpan<byte> List(ReadOnlySpan<byte> row, Span<byte> list)
    {
        int length = 0;
        for (int i = 0; i < row.Length; i++)
        {
            for (int rest = row[i]; rest != 0; rest &= rest - 1)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(list[length..], (ushort)((i * 8) + BitOperations.TrailingZeroCount(rest)));
                length += 2;
            }
        }

        return list[..length];
    }

    /// <summary>Removes a section and all after it.</summary>
    public static void DropFrom(IWriteTransaction transaction, StoreTable table, ulong section)
    {
        Span<byte> first = stackalloc byte[KeySize];
        WriteKey(first, section, 0);
        List<byte[]> keys = [];
        ICursor cursor = transaction.OpenCursor(table);
        for (bool more = cursor.Seek(first); more; more = cursor.MoveNext()) keys.Add(cursor.Key.ToArray());
        foreach (byte[] key in keys) transaction.Delete(table, key);
    }

    /// <summary>The blocks of a section that may hold what is asked for, as a set of bits.</summary>
    public static ulong[] Match(ISnapshot snapshot, StoreTable table, ulong section, BloomQuery query)
    {
        var all = new ulong[RowWords];
        Span<ulong> some = stackalloc ulong[RowWords], one = stackalloc ulong[RowWords], row = stackalloc ulong[RowWords];
        all.AsSpan().Fill(ulong.MaxValue);
        foreach (int[] alternatives in query.Clauses)
        {
            some.Clear();
            for (int i = 0; i < alternatives.Length; i += 3)
            {
                one.Fill(ulong.MaxValue);
                for (int j = 0; j < 3; j++)
                {
                    ReadRow(snapshot, table, section, alternatives[i + j], row);
                    for (int word = 0; word < RowWords; word++) one[word] &= row[word];
                }

                for (int word = 0; word < RowWords; word++) some[word] |= one[word];
            }

            for (int word = 0; word < RowWords; word++) all[word] &= some[word];
        }

        return all;
    }

    private static void ReadRow(ISnapshot snapshot, StoreTable table, ulong section, int bit, Span<ulong> row)
    {
        Span<byte> key = stackalloc byte[KeySize];
        WriteKey(key, section, bit);
        row.Clear();
        if (!snapshot.TryGet(table, key, out ReadOnlySpan<byte> value)) return;
        if (value.Length == RowBytes)
        {
            for (int word = 0; word < RowWords; word++) row[word] = BinaryPrimitives.ReadUInt64LittleEndian(value[(word * 8)..]);
            return;
        }

        for (int i = 0; i + 1 < value.Length; i += 2)
        {
            int block = BinaryPrimitives.ReadUInt16LittleEndian(value[i..]);
            if (block >= Blocks) throw new StoreCorruptException($"the log index of section {section} is malformed; remove the data directory and sync again, or restore it from a backup");
            row[block >> 6] |= 1UL << (block & 63);
        }
    }
}
