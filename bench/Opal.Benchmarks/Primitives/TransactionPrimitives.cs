using System.Globalization;
using System.Text;
using Opal.Crypto;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>Sender recovery and decoding.</summary>
internal static class TransactionPrimitives
{
    private const int SenderCount = 1_000;

    /// <param name="folder">The workloads.</param>
    /// <param name="genesis">The expectations.</param>
    public static IEnumerable<Primitive> All(string folder, BenchGenesis genesis)
    {
        yield return Recovery("ecrecover", folder, genesis, 1);
        yield return Recovery("ecrecover_all_cores", folder, genesis, Environment.ProcessorCount);
        yield return new Primitive("rlp_decode_tx", "rlp", () => Decoding(TransactionList.Load(folder, "mixed", genesis.Expect)));
    }

    private static Primitive Recovery(string name, string folder, BenchGenesis genesis, int threads) => new(name, "ecrecover", () =>
    {
        byte[][] raw = TransactionList.Load(folder, "transfers_fresh", genesis.Expect).Blocks.SelectMany(b => b).ToArray();
        Transaction[] transactions = [];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads };
        return new PreparedPrimitive
        {
            BeforeRun = () => transactions = raw.Select(Decode).ToArray(), // a transaction keeps its sender once recovered
            Run = threads == 1
                ? () =>
                {
                    foreach (Transaction transaction in transactions) transaction.TryGetSender(NativeCrypto.Instance, out _);
                }
                : () => Parallel.For(0, transactions.Length, options, i => transactions[i].TryGetSender(NativeCrypto.Instance, out _)),
            Amount = raw.Length,
            Unit = "senders",
            Check = () => CheckSenders(transactions),
        };
    });

    private static string? CheckSenders(Transaction[] transactions)
    {
        var senders = new Address[SenderCount];
        for (int i = 0; i < SenderCount; i++)
        {
            Hash256 key = Keccak256.Hash(Encoding.ASCII.GetBytes("opbench-sender-" + i.ToString(CultureInfo.InvariantCulture)));
            senders[i] = Secp256k1.PrivateKeyToAddress(key.ToArray());
        }

        for (int k = 0; k < transactions.Length; k++)
        {
            if (!transactions[k].TryGetSender(NativeCrypto.Instance, out Address sender) || sender != senders[k % SenderCount]) return $"transaction {k} has the sender {sender}, expected {senders[k % SenderCount]}";
        }

        return null;
    }

    private static PreparedPrimitive Decoding(TransactionList list)
    {
        byte[][] raw = list.Blocks.SelectMany(b => b).ToArray();
        string? problem = null;
        foreach (byte[] encoded in raw)
        {
            Transaction decoded = Decode(encoded);
            // one with the same signature put on again knows no encoding and has to make it
            if (!decoded.WithSignature(decoded.YParity, decoded.R, decoded.S).Encoded.AsSpan().SequenceEqual(encoded)) problem = "a transaction encodes to other bytes than it was decoded from";
        }

        return new PreparedPrimitive
        {
            Run = () =>
            {
                foreach (byte[] encoded in raw) Decode(encoded);
            },
            Amount = raw.Length,
            Unit = "transactions",
            Bytes = raw.Sum(t => (double)t.Length),
            Problem = problem,
        };
    }

    private static Transaction Decode(byte[] raw) => Transaction.TryDecode(raw, out Transaction? transaction, out TransactionError error)
        ? transaction!
        : throw new InvalidDataException($"a transaction does not decode: {error}");
}
