using System.Globalization;
using System.Text.Json;
using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>The nearest that anvil has to importing a block: it takes raw transactions (decode, recover senders) and mines them (execute, receipts, state root).</summary>
/// <remarks>
/// It takes the requests of a batch side by side, so its block has them in an order of its own, and swaps in another order use a
/// little more or less gas: a thousandth is let pass. The number of transactions is exact.
/// </remarks>
internal static class AnvilBlocks
{
    /// <summary>Sends and mines block after block on the genesis state that the peer holds already.</summary>
    /// <param name="anvil">The peer; nothing is mined by itself.</param>
    /// <param name="list">The transactions.</param>
    /// <param name="times">One time a block; the part before mining counts as preparation.</param>
    /// <returns>What is wrong with a block; null when nothing is.</returns>
    public static string? Run(Anvil anvil, TransactionList list, List<BlockTime> times)
    {
        byte[] mine = anvil.Http.MakeRequest(Anvil.Request("evm_mine", ""));
        for (int i = 0; i < list.Blocks.Length; i++)
        {
            byte[] send = anvil.Http.MakeRequest("[" + string.Join(',', list.Blocks[i].Select(raw => Anvil.Request("eth_sendRawTransaction", $"\"{Hex.Encode(raw)}\""))) + "]");
            double sending = anvil.Http.Send(send);
            foreach (JsonElement answer in JsonDocument.Parse(anvil.Http.Body.ToArray()).RootElement.EnumerateArray())
            {
                if (answer.TryGetProperty("error", out JsonElement error)) return $"block {i + 1}: it refuses a transaction: {error}";
            }

            times.Add(new BlockTime(sending + anvil.Http.Send(mine), 0, sending));
            JsonElement block = anvil.Ask("eth_getBlockByNumber", "\"latest\",false");
            ulong gas = ulong.Parse(block.GetProperty("gasUsed").GetString()!.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            int count = block.GetProperty("transactions").GetArrayLength();
            ulong expected = list.GasUsed[i], difference = gas > expected ? gas - expected : expected - gas;
            if (difference > expected / 1000 || count != list.Blocks[i].Length) return $"block {i + 1}: gas {gas} of {count} transactions, expected {list.GasUsed[i]} of {list.Blocks[i].Length}";
        }

        return null;
    }
}
