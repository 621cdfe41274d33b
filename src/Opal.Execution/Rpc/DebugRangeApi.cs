using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;

namespace Opal.Execution;

/// <summary>The part of the <c>debug</c> namespace that lists states: accounts and slots in the order of their hashed keys.</summary>
public sealed class DebugRangeApi
{
    /// <summary>The most accounts of an answer.</summary>
    public const int MaxAccounts = 256;

    /// <summary>The most slots of an answer.</summary>
    public const int MaxSlots = 16_384;

    private readonly Blockchain _chain;
    private readonly BlockSelector _blocks;
    private readonly KnownKeys _keys;
    private readonly TimeSpan _timeout;

    internal DebugRangeApi(Blockchain chain, BlockSelector blocks, KnownKeys keys, TimeSpan timeout) => (_chain, _blocks, _keys, _timeout) = (chain, blocks, keys, timeout);

    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("debug_storageRangeAt", StorageRangeAt);
        registry.Register("debug_accountRange", (parameters, _, cancellation) => ValueTask.FromResult(AccountRange(parameters, cancellation)));
        registry.Register("debug_dumpBlock", (parameters, _, cancellation) => ValueTask.FromResult(DumpBlock(parameters, cancellation)));
    }

    private ExecutedBlock BlockOf(RpcParams parameters)
    {
        BlockParameter parameter = parameters.GetBlock(0);
        return _blocks.Find(parameter) ?? throw RpcException.Refused($"block {(parameter.Kind == BlockParameterKind.Number ? "#" : "")}{parameter} not found");
    }

    private RpcResult AccountRange(RpcParams parameters, CancellationToken cancellation)
    {
        ExecutedBlock block = BlockOf(parameters);
        int max = parameters.Has(2) ? Limit(parameters, 2) : 0;
        var options = new DumpOptions(
            StartOf(parameters, 1),
            max is < 1 or > MaxAccounts ? MaxAccounts : max,
            Code: !(parameters.GetBoolOrNull(3) ?? false),
            Storage: !(parameters.GetBoolOrNull(4) ?? false),
            OnlyWithAddresses: !(parameters.GetBoolOrNull(5) ?? false));
        return Dump(block, options, cancellation);
    }

    private RpcResult DumpBlock(RpcParams parameters, CancellationToken cancellation) =>
        Dump(BlockOf(parameters), new DumpOptions(Hash256.Zero, MaxAccounts, Code: true, Storage: true, OnlyWithAddresses: true), cancellation);

    private RpcResult Dump(ExecutedBlock block, DumpOptions options, CancellationToken cancellation)
    {
        try
        {
            return RpcResult.Json(new StateDumper(_blocks.GetState(block).View, _keys, _timeout).Make(options, cancellation).Write);
        }
        catch (MissingStateException missing)
        {
            throw RpcException.Refused(missing.Message);
        }
    }

    private RpcResult StorageRangeAt(RpcParams parameters)
    {
        ExecutedBlock block = BlockOf(parameters);
        ulong index = parameters.GetNumber(1);
        Address address = parameters.GetAddress(2);
        Hash256 start = StartOf(parameters, 3);
        int limit = Math.Clamp(Limit(parameters, 4), 0, MaxSlots);
        ExecutedBlock parent = _blocks.ParentOf(block);
        StateDiff changes = ChangesBefore(parent, block, index);
        IStateView before = _blocks.GetState(parent).View;
        AccountChange? change = changes.Accounts.FirstOrDefault(c => c.Address == address);
        StatePage<StateSlotEntry> page;
        try
        {
            page = StorageRange.List(before, address, change, start, limit);
        }
        catch (MissingStateException missing)
        {
            return RpcResult.Fail(RpcErrorCode.ServerError, missing.Message);
        }

        bool isEmpty = page.Entries.Count == 0 && page.Next is null && (change is { Exists: false } or { StorageCleared: true } || before.GetStorageRoot(address) == Hash256.EmptyTrie);
        Dictionary<Hash256, UInt256> touched = change?.Storage.ToDictionary(static pair => Keccak256.Hash(pair.Slot.ToBigEndianArray()), static pair => pair.Slot) ?? [];
        return RpcResult.Json(json => Write(json, isEmpty ? null : page, touched));
    }

    private void Write(Utf8JsonWriter json, StatePage<StateSlotEntry>? page, Dictionary<Hash256, UInt256> touched)
    {
        json.WriteStartObject();
        json.WritePropertyName("storage"u8);
        if (page is null)
        {
            json.WriteNullValue();
        }
        else
        {
            json.WriteStartObject();
            foreach (StateSlotEntry entry in page.Entries)
            {
                json.WriteStartObject(entry.Key.ToString());
                json.WritePropertyName("key"u8);
                if (touched.TryGetValue(entry.Key, out UInt256 slot) || _keys.TryGetSlot(entry.Key, out slot)) json.WriteHashValue(Hash256.FromUInt256(slot));
                else json.WriteNullValue();
                json.WriteHash("value"u8, Hash256.FromUInt256(entry.Value));
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WritePropertyName("nextKey"u8);
        if (page?.Next is { } next) json.WriteHashValue(next);
        else json.WriteNullValue();
        json.WriteEndObject();
    }

    /// <summary>What a block changed before one of its transactions.</summary>
    private StateDiff ChangesBefore(ExecutedBlock parent, ExecutedBlock block, ulong index)
    {
        if (index >= (ulong)block.Transactions.Count)
        {
            if (index == 0) return StateDiff.Empty;
            throw RpcException.Refused($"transaction index {index} out of range for block {block.Hash}");
        }

        var observer = new ChangesObserver((int)index);
        BlockTracing.Run(_chain, parent, block.Block, observer);
        return observer.Changes ?? throw new InvalidOperationException($"transaction {index} of block {block.Number} was not reached");
    }

    private sealed class ChangesObserver(int index) : IBlockObserver
    {
        public StateDiff? Changes { get; private set; }

        public ITracer? BeginTransaction(int at, Transaction transaction, Journal journal)
        {
            if (at == 0 && index == 0) Changes = journal.GetDiff();
            return null;
        }

        public bool EndTransaction(int at, in TransactionOutcome outcome, Journal journal)
        {
            if (at + 1 == index) Changes = journal.GetDiff();
            return at + 1 < index;
        }
    }

    /// <summary>Where to begin: the first bytes of a key, in hexadecimal, or in base64 as <c>next</c> has them.</summary>
    private static Hash256 StartOf(RpcParams parameters, int index)
    {
        if (!parameters.Has(index)) return Hash256.Zero;
        byte[] bytes = parameters.Get(index, static value =>
        {
            string text = value.AsString();
            if (text.Length == 0) return [];
            if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) return value.AsData();
            var decoded = new byte[text.Length];
            return Convert.TryFromBase64String(text, decoded, out int length) ? decoded[..length] : throw value.Fault("expected a key in hexadecimal or base64");
        });
        if (bytes.Length > Hash256.Size) throw RpcException.InvalidParams($"invalid argument {index}: a key has at most {Hash256.Size} bytes");
        Span<byte> key = stackalloc byte[Hash256.Size];
        key.Clear();
        bytes.CopyTo(key);
        return new Hash256(key);
    }

    private static int Limit(RpcParams parameters, int index)
    {
        JsonElement element = parameters[index].Element;
        if (element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out long number)) return (int)Math.Clamp(number, int.MinValue, int.MaxValue);
        return (int)Math.Min(int.MaxValue, parameters.GetNumber(index));
    }
}
