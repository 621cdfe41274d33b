using System.Text;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>One kind of request, as part 4 of the workloads describes it.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Requests">The JSON bodies of a connection, in order; endless, unless <paramref name="IsWhole"/>.</param>
/// <param name="IsWhole">Whether all of it is sent, whatever the time, to a node that has executed nothing.</param>
internal sealed record RpcWorkload(string Name, Func<int, IEnumerable<string>> Requests, bool IsWhole = false)
{
    public const int Connections = 32;

    private const string TransferTopic = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
    private const string Token = "0x000000000000000000000000000000000000a0a1";

    /// <summary>All kinds.</summary>
    /// <param name="fillers">Filler accounts in the state.</param>
    /// <param name="mixed">The transactions that were imported.</param>
    /// <param name="fresh">The transactions to send.</param>
    public static IReadOnlyList<RpcWorkload> All(int fillers, TransactionList mixed, TransactionList fresh)
    {
        string[] hashes = mixed.Blocks.SelectMany((_, block) => mixed.Decode(block)).Select(t => t.Hash.ToString()).ToArray();
        string[] senders = Enumerable.Range(0, 1000).Select(i => SenderOf(mixed, i).ToString()[2..]).ToArray();
        byte[][] raw = fresh.Blocks.SelectMany(block => block).ToArray();
        return
        [
            new("rpc_chainId", c => Endless(c, _ => Body("eth_chainId", ""))),
            new("rpc_balance", c => Endless(c, random => Balance(random, fillers))),
            new("rpc_call", c => Endless(c, random => Body("eth_call", $$"""{"to":"{{Token}}","data":"0x70a08231000000000000000000000000{{senders[random.Next(1000)]}}"},"latest" """))),
            new("rpc_block_full", c => Endless(c, random => Body("eth_getBlockByNumber", $"\"{Hex.Quantity((ulong)random.Next(1, 11))}\",true"))),
            new("rpc_receipt", c => Endless(c, random => Body("eth_getTransactionReceipt", $"\"{hashes[random.Next(hashes.Length)]}\""))),
            new("rpc_logs", c => Endless(c, random => Logs((ulong)random.Next(1, 11)))),
            new("rpc_batch", c => Endless(c, random => "[" + string.Join(',', Enumerable.Range(0, 100).Select(_ => Balance(random, fillers))) + "]")),
            new("rpc_send", c => SendsOf(raw, c), IsWhole: true),
        ];
    }

    /// <summary>Every transaction of some of the senders, in the order of nonces: transaction k is from sender k mod 1000.</summary>
    private static IEnumerable<string> SendsOf(byte[][] raw, int connection)
    {
        for (int k = 0; k < raw.Length; k++)
        {
            if (k % 1000 % Connections == connection) yield return Body("eth_sendRawTransaction", $"\"{Hex.Encode(raw[k])}\"");
        }
    }

    private static Address SenderOf(TransactionList list, int index)
    {
        Transaction transaction = list.Decode(index / list.Blocks[0].Length)[index % list.Blocks[0].Length];
        return transaction.TryGetSender(Crypto.NativeCrypto.Instance, out Address sender) ? sender : throw new InvalidDataException("a transaction has no sender");
    }

    private static string Balance(Random random, int fillers) => Body("eth_getBalance", $"\"{Fillers.AddressOf(random.Next(Math.Max(1, fillers)))}\",\"latest\"");

    private static string Logs(ulong number) =>
        Body("eth_getLogs", $$"""{"fromBlock":"{{Hex.Quantity(number)}}","toBlock":"{{Hex.Quantity(number)}}","address":"{{Token}}","topics":["{{TransferTopic}}"]}""");

    private static string Body(string method, string parameters) => Anvil.Request(method, parameters);

    /// <summary>A few hundred requests again and again, so that making them costs the load nothing.</summary>
    private static IEnumerable<string> Endless(int connection, Func<Random, string> make)
    {
        var random = new Random(connection);
        string[] made = Enumerable.Range(0, 256).Select(_ => make(random)).ToArray();
        for (int i = 0; ; i = (i + 1) % made.Length) yield return made[i];
    }

    /// <summary>The requests as HTTP; each text is made bytes once.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> HttpRequests(int connection, int port)
    {
        var known = new Dictionary<string, byte[]>(ReferenceEqualityComparer.Instance);
        foreach (string body in Requests(connection))
        {
            if (!known.TryGetValue(body, out byte[]? request))
            {
                byte[] content = Encoding.UTF8.GetBytes(body);
                byte[] head = Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {content.Length}\r\n\r\n");
                known[body] = request = [.. head, .. content];
            }

            yield return request;
        }
    }
}
