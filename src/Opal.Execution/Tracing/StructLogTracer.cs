using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Every instruction with gas, stack, storage and, if asked for, memory: the struct logger.</summary>
internal sealed class StructLogTracer(TraceOptions options, TraceBudget budget) : TransactionTracer
{
    private sealed class Entry
    {
        public required int Pc { get; init; }
        public required byte Op { get; init; }
        public required long Gas { get; init; }
        public required int Depth { get; init; }
        public required long Refund { get; init; }
        public UInt256[]? Stack { get; init; }
        public byte[]? Memory { get; init; }
        public byte[]? ReturnData { get; init; }
        public long Cost { get; set; }
        public Halt? Halt { get; set; }
        public (UInt256 Slot, UInt256 Value)[]? Storage { get; set; }
    }

    private const int EntryBytes = 160, WordBytes = 32;

    private readonly List<Entry> _entries = [];
    private readonly Dictionary<Address, SortedDictionary<UInt256, UInt256>> _storage = [];
    private Entry? _open;
    private (Entry Entry, Address Contract, UInt256 Slot)? _load;
    private ulong _gasUsed;
    private bool _failed;
    private byte[] _output = [];

    public override bool WantsSteps => true;

    public override void Step(in TraceStep step)
    {
        SettleLoad(step);
        long size = EntryBytes + (options.DisableStack ? 0 : step.Stack.Length * WordBytes) + (options.EnableMemory ? step.Memory.Length : 0)
            + (options.EnableReturnData ? step.ReturnData.Length : 0);
        if ((options.Limit > 0 && _entries.Count >= options.Limit) || !budget.TryTake(size))
        {
            _open = null;
            return;
        }

        _open = new Entry
        {
            Pc = step.Pc,
            Op = step.Op,
            Gas = step.Gas,
            Depth = step.Depth + 1,
            Refund = step.Refund,
            Stack = options.DisableStack ? null : step.Stack.ToArray(),
            Memory = options.EnableMemory ? step.Memory.ToArray() : null,
            ReturnData = options.EnableReturnData ? step.ReturnData.ToArray() : null,
        };
        _entries.Add(_open);
        if (!options.DisableStorage) SeeStorage(step, _open);
    }

    private void SeeStorage(in TraceStep step, Entry entry)
    {
        if (step.Op == (byte)Opcode.SLoad && step.Stack.Length >= 1)
        {
            _load = (entry, step.Self, step.Stack[^1]);
        }
        else if (step.Op == (byte)Opcode.SStore && step.Stack.Length >= 2)
        {
            Remember(entry, step.Self, step.Stack[^1], step.Stack[^2]);
        }
    }

    /// <summary>What SLOAD read is on the stack when the next instruction of its frame begins.</summary>
    private void SettleLoad(in TraceStep step)
    {
        if (_load is not { } load) return;
        _load = null;
        if (step.Depth + 1 == load.Entry.Depth && step.Stack.Length > 0) Remember(load.Entry, load.Contract, load.Slot, step.Stack[^1]);
    }

    private void Remember(Entry entry, in Address contract, in UInt256 slot, in UInt256 value)
    {
        if (!_storage.TryGetValue(contract, out SortedDictionary<UInt256, UInt256>? slots)) _storage[contract] = slots = [];
        slots[slot] = value;
        if (budget.TryTake(slots.Count * 2L * WordBytes)) entry.Storage = [.. slots.Select(static s => (s.Key, s.Value))];
    }

    public override void StepEnd(long gasCost, Halt? halt)
    {
        if (_open is null) return;
        _open.Cost = gasCost;
        _open.Halt = halt;
    }

    public override void End(in TransactionOutcome outcome, Journal journal)
    {
        _gasUsed = outcome.GasUsed;
        _failed = !outcome.Succeeded;
        _output = outcome.Succeeded || outcome.Halt == Halt.Revert ? outcome.Output.ToArray() : [];
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("gas"u8, _gasUsed);
        json.WriteBoolean("failed"u8, _failed);
        json.WriteData("returnValue"u8, _output);
        json.WriteStartArray("structLogs"u8);
        foreach (Entry entry in _entries) WriteEntry(json, entry);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, Entry entry)
    {
        json.WriteStartObject();
        json.WriteNumber("pc"u8, entry.Pc);
        json.WriteString("op"u8, OpcodeNames.Of(entry.Op));
        json.WriteNumber("gas"u8, entry.Gas);
        json.WriteNumber("gasCost"u8, entry.Cost);
        json.WriteNumber("depth"u8, entry.Depth);
        if (entry.Halt is { } halt) json.WriteString("error"u8, HaltText.Of(halt));
        if (entry.Refund != 0) json.WriteNumber("refund"u8, entry.Refund);
        if (entry.Stack is { } stack)
        {
            json.WriteStartArray("stack"u8);
            foreach (UInt256 item in stack) json.WriteQuantityValue(item);
            json.WriteEndArray();
        }

        if (entry.ReturnData is { Length: > 0 } returnData) json.WriteData("returnData"u8, returnData);
        if (entry.Memory is { Length: > 0 } memory)
        {
            json.WriteStartArray("memory"u8);
            for (int at = 0; at + 32 <= memory.Length; at += 32) json.WriteDataValue(memory.AsSpan(at, 32));
            json.WriteEndArray();
        }

        if (entry.Storage is { } storage)
        {
            json.WriteStartObject("storage"u8);
            foreach ((UInt256 slot, UInt256 value) in storage)
            {
                json.WriteString(Hex.Encode(slot.ToBigEndianArray()), Hex.Encode(value.ToBigEndianArray()));
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
