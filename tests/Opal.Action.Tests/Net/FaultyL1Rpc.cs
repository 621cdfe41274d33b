using System.Text.Json.Nodes;
using Opal.JsonRpc;
using Opal.Primitives;
using JsonValue = System.Text.Json.Nodes.JsonValue;

namespace Opal.ActionTests;

/// <summary>Makes a provider unreliable: a share of its answers are errors of every kind, another share is wrong data.</summary>
internal sealed class FaultyL1Rpc
{
    private readonly Lock _lock = new();
    private readonly Random _random;
    private readonly double _errors, _lies;

    private FaultyL1Rpc(int seed, double errors, double lies) => (_random, _errors, _lies) = (new Random(seed), errors, lies);

    public int Errors { get; private set; }

    public int Lies { get; private set; }

    public static FaultyL1Rpc Spoil(MemoryL1Rpc provider, int seed, double errors, double lies)
    {
        var faults = new FaultyL1Rpc(seed, errors, lies);
        provider.Before = (method, _) => faults.Fail(method, provider.Endpoint);
        provider.Error = _ => faults.Refuse();
        provider.Tamper = faults.Lie;
        return faults;
    }

    private bool Happens(double share) => _random.NextDouble() < share;

    /// <summary>Half of the errors: HTTP 500, a timeout, and text that is no JSON.</summary>
    private Task Fail(string method, string endpoint)
    {
        lock (_lock)
        {
            if (!Happens(_errors / 2)) return Task.CompletedTask;
            Errors++;
            throw _random.Next(3) switch
            {
                0 => new RpcTransportException(method, endpoint, "HTTP status 500", isTransient: false),
                1 => new RpcTransportException(method, endpoint, "no answer within 10 s", isTransient: true),
                _ => new RpcTransportException(method, endpoint, "the answer is no JSON", isTransient: false),
            };
        }
    }

    /// <summary>The other half: JSON-RPC errors.</summary>
    private RpcError? Refuse()
    {
        lock (_lock)
        {
            if (!Happens(_errors / 2)) return null;
            Errors++;
            return new RpcError(_random.Next(2) == 0 ? RpcErrorCode.InternalError : -32005, "no luck");
        }
    }

    private JsonNode? Lie(string method, JsonNode answer)
    {
        lock (_lock)
        {
            if (!Happens(_lies)) return answer;
            Lies++;
            return answer switch
            {
                JsonObject block => LieInBlock(block),
                JsonArray receipts => LieInReceipts(receipts),
                _ => JsonValue.Create("garbage"),
            };
        }
    }

    private JsonNode LieInBlock(JsonObject block)
    {
        JsonArray transactions = block["transactions"]!.AsArray();
        switch (_random.Next(6))
        {
            case 0: // another header under the same hash
                block["stateRoot"] = Keccak256.Hash([1]).ToString();
                return block;
            case 1: // another number
                block["number"] = Hex.Quantity(Convert.ToUInt64(block["number"]!.GetValue<string>(), 16) + 1);
                return block;
            case 2: // a field of a type that it cannot have
                block["logsBloom"] = 7;
                return block;
            case 3 when transactions.Count > 0 && transactions[0] is JsonObject first: // other batcher data
                first["input"] = "0x00dead";
                return block;
            case 4 when transactions.Count > 0: // a batch left out
                transactions.RemoveAt(0);
                if (transactions.Count == 0) block["transactions"] = new JsonArray();
                return block;
            case 5 when transactions.Count > 0 && transactions[0] is JsonObject hidden: // a batch under an unknown label
                hidden["type"] = "0x42";
                return block;
            default:
                return JsonValue.Create("garbage");
        }
    }

    private JsonNode LieInReceipts(JsonArray receipts)
    {
        switch (_random.Next(5))
        {
            case 0 when receipts.Count > 0: // one is missing
                receipts.RemoveAt(receipts.Count - 1);
                return receipts;
            case 1 when receipts.Count > 1: // two are swapped
                JsonNode last = receipts[^1]!;
                receipts.RemoveAt(receipts.Count - 1);
                receipts.Insert(0, last);
                return receipts;
            case 2 when receipts.Count > 0 && receipts[0]!["logs"]!.AsArray() is { Count: > 0 } logs: // other log data
                string data = logs[0]!["data"]!.GetValue<string>();
                logs[0]!["data"] = data.Length > 2 ? string.Concat(data.AsSpan(0, data.Length - 1), data[^1] == '0' ? "1" : "0") : "0x01";
                return receipts;
            case 3 when receipts.Count > 0: // a failed transaction
                receipts[0]!["status"] = receipts[0]!["status"]!.GetValue<string>() == "0x1" ? "0x0" : "0x1";
                return receipts;
            default:
                return JsonValue.Create("garbage");
        }
    }
}
