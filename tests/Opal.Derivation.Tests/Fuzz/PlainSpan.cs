using System.Numerics;
using Opal.Protocol;

namespace Opal.Derivation.Tests;

/// <summary>A span batch decoded by the text of delta/span-batches.md, field after field, with numbers of any size.</summary>
internal static class PlainSpan
{
    internal sealed record Result(SpanDecodeResult Verdict, ulong FirstTime, List<ulong> Epochs, List<List<byte[]>> Blocks, byte[] ParentCheck, byte[] OriginCheck);

    private static readonly BigInteger s_two64 = BigInteger.One << 64;
    private const int Most = 10_000_000;

    private sealed class Reader(byte[] data)
    {
        public int At;

        public byte[] Data => data;

        public byte[] Take(BigInteger count)
        {
            if (count > data.Length - At) throw new PlainRlp.Malformed();
            byte[] taken = data[At..(At + (int)count)];
            At += (int)count;
            return taken;
        }

        public BigInteger Number()
        {
            BigInteger value = 0;
            for (int group = 0; group < 10; group++)
            {
                byte part = Take(1)[0];
                value += (BigInteger)(part & 0x7f) << (7 * group);
                if (part >= 0x80) continue;
                return value < s_two64 ? value : throw new PlainRlp.Malformed();
            }

            throw new PlainRlp.Malformed();
        }

        public bool[] Bits(int count)
        {
            var number = new BigInteger(Take((count + 7) / 8), isUnsigned: true, isBigEndian: true);
            if (number >> count != 0) throw new PlainRlp.Malformed();
            var bits = new bool[count];
            for (int i = 0; i < count; i++) bits[i] = ((number >> i) & 1) == 1;
            return bits;
        }

        /// <summary>A type byte, if there is one, and a list whose inside is not looked at.</summary>
        public byte[] TransactionData()
        {
            int start = At;
            if (At >= data.Length) throw new PlainRlp.Malformed();
            int list = data[At] <= 0x7f ? At + 1 : At;
            (bool isList, int content, long length) = PlainRlp.Header(data, list);
            if (!isList || content + length > data.Length || content + length - list > Most) throw new PlainRlp.Malformed();
            At = (int)(content + length);
            return data[start..At];
        }
    }

    public static Result Decode(byte[] content, RollupConfig config)
    {
        var failed = new Result(SpanDecodeResult.Malformed, 0, [], [], [], []);
        try
        {
            var reader = new Reader(content);
            BigInteger time = reader.Number(), lastOrigin = reader.Number();
            byte[] parentCheck = reader.Take(20), originCheck = reader.Take(20);
            BigInteger blockCount = reader.Number();
            if (blockCount == 0 || blockCount > Most) return failed;
            bool[] origins = reader.Bits((int)blockCount);
            var counts = new List<int>();
            BigInteger total = 0;
            for (int i = 0; i < blockCount; i++)
            {
                BigInteger count = reader.Number();
                total += count;
                if (count > Most || total > Most) return failed;
                counts.Add((int)count);
            }

            List<byte[]>? transactions = Transactions(reader, (int)total, config.L2ChainId);
            var epochs = new List<ulong>();
            BigInteger epoch = lastOrigin;
            for (int i = (int)blockCount - 1; i >= 0; i--)
            {
                epochs.Insert(0, (ulong)(((epoch % s_two64) + s_two64) % s_two64));
                if (origins[i]) epoch--;
            }

            if (transactions is null) return failed with { Verdict = SpanDecodeResult.NotRebuildable };
            var blocks = new List<List<byte[]>>();
            foreach (int count in counts)
            {
                blocks.Add(transactions[..count]);
                transactions.RemoveRange(0, count);
            }

            return new Result(SpanDecodeResult.Decoded, (ulong)((time + config.GenesisL2Time) % s_two64), epochs, blocks, parentCheck, originCheck);
        }
        catch (PlainRlp.Malformed)
        {
            return failed;
        }
    }

    /// <summary>The transactions; null when one cannot be rebuilt.</summary>
    private static List<byte[]>? Transactions(Reader reader, int count, ulong chainId)
    {
        bool[] creations = reader.Bits(count), parities = reader.Bits(count);
        byte[][] signatures = [.. Enumerable.Range(0, count).Select(_ => reader.Take(64))];
        Queue<byte[]> recipients = new([.. Enumerable.Range(0, count).Where(i => !creations[i]).Select(_ => reader.Take(20))]);
        byte[][] data = [.. Enumerable.Range(0, count).Select(_ => reader.TransactionData())];
        BigInteger[] nonces = [.. Enumerable.Range(0, count).Select(_ => reader.Number())], gasLimits = [.. Enumerable.Range(0, count).Select(_ => reader.Number())];
        Queue<bool> protections = new(reader.Bits(data.Count(static part => part[0] > 0x7f || part[0] == 0)));
        var transactions = new List<byte[]>();
        try
        {
            for (int i = 0; i < count; i++)
            {
                byte[] to = creations[i] ? [] : recipients.Dequeue();
                var r = new BigInteger(signatures[i].AsSpan(0, 32), isUnsigned: true, isBigEndian: true);
                var s = new BigInteger(signatures[i].AsSpan(32), isUnsigned: true, isBigEndian: true);
                transactions.Add(Rebuild(data[i], nonces[i], gasLimits[i], to, parities[i] ? 1 : 0, r, s, chainId, protections));
            }
        }
        catch (PlainRlp.Malformed)
        {
            return null;
        }

        return transactions;
    }

    private static byte[] Rebuild(byte[] data, BigInteger nonce, BigInteger gasLimit, byte[] to, int parity, BigInteger r, BigInteger s, ulong chainId, Queue<bool> protections)
    {
        bool typed = data[0] <= 0x7f;
        byte type = typed ? data[0] : (byte)0;
        if (typed && type is not (1 or 2 or 4)) throw new PlainRlp.Malformed();
        List<PlainRlp> given = PlainRlp.ReadWhole(typed ? data[1..] : data).Elements(type switch { 0 => 3, 1 => 4, 2 => 5, _ => 6 });
        int widest = type == 4 ? 32 : int.MaxValue, next = 0;
        PlainRlp value = PlainRlp.Of(given[next++].Number(widest));
        List<PlainRlp> prices = [PlainRlp.Of(given[next++].Number(widest))];
        if (type is 2 or 4) prices.Add(PlainRlp.Of(given[next++].Number(widest)));
        PlainRlp input = PlainRlp.Of(given[next++].Text());
        BigInteger v = parity;
        if (!typed) v += protections.Dequeue() ? 35 + (2 * (BigInteger)chainId) : 27;
        List<PlainRlp> fields = typed ? [PlainRlp.OfNumber(chainId)] : [];
        fields.AddRange([PlainRlp.OfNumber(nonce), .. prices, PlainRlp.OfNumber(gasLimit), PlainRlp.Of(to), value, input]);
        if (typed)
        {
            CheckAccessList(given[next]);
            fields.Add(given[next++]);
        }

        if (type == 4)
        {
            if (to.Length == 0) throw new PlainRlp.Malformed();
            CheckAuthorizations(given[next]);
            fields.Add(given[next]);
        }

        fields.AddRange([PlainRlp.OfNumber(v), PlainRlp.OfNumber(r), PlainRlp.OfNumber(s)]);
        byte[] encoded = PlainRlp.List(fields).Encode();
        return typed ? [type, .. encoded] : encoded;
    }

    private static void CheckAccessList(PlainRlp list)
    {
        foreach (PlainRlp entry in list.Elements())
        {
            List<PlainRlp> parts = entry.Elements(2);
            parts[0].Fixed(20);
            foreach (PlainRlp key in parts[1].Elements()) key.Fixed(32);
        }
    }

    private static void CheckAuthorizations(PlainRlp list)
    {
        foreach (PlainRlp entry in list.Elements())
        {
            List<PlainRlp> parts = entry.Elements(6);
            parts[0].Number(32);
            parts[1].Fixed(20);
            parts[2].Number(8);
            parts[3].Number(1);
            parts[4].Number(32);
            parts[5].Number(32);
        }
    }
}
