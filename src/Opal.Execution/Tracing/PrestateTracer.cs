using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The accounts and slots a transaction touched, as they were before it; or, in diff mode, those it changed, before and after.</summary>
/// <remarks>What is touched is known only at the end, so the state before comes from a second run.</remarks>
internal class PrestateTracer(TraceOptions options) : TransactionTracer
{
    protected sealed record Snapshot(bool Exists, Account Account, byte[] Code, SortedDictionary<UInt256, UInt256> Slots);

    private readonly SortedDictionary<Address, SortedSet<UInt256>> _touched = [];
    private readonly HashSet<Address> _created = [];

    /// <summary>What was touched, as it was.</summary>
    protected SortedDictionary<Address, Snapshot> Before { get; private set; } = [];

    /// <summary>What was touched, as it is now.</summary>
    protected SortedDictionary<Address, Snapshot> After { get; private set; } = [];

    public override bool WantsSteps => true;

    public override bool NeedsStateBefore => true;

    protected SortedSet<UInt256> Touch(in Address address)
    {
        if (!_touched.TryGetValue(address, out SortedSet<UInt256>? slots)) _touched[address] = slots = [];
        return slots;
    }

    public override void Begin(Transaction transaction, in Address sender, in Address feeRecipient)
    {
        Touch(sender);
        Touch(feeRecipient);
        if (transaction.To is { } to) Touch(to);
    }

    public override void EnterFrame(in FrameEntry frame)
    {
        Touch(frame.From);
        Touch(frame.To);
        if (frame.Kind is CallKind.Create or CallKind.Create2) _created.Add(frame.To);
    }

    public override void Step(in TraceStep step)
    {
        ReadOnlySpan<UInt256> stack = step.Stack;
        switch ((Opcode)step.Op)
        {
            case Opcode.SLoad or Opcode.SStore when stack.Length >= 1:
                Touch(step.Self).Add(stack[^1]);
                break;
            case Opcode.Balance or Opcode.ExtCodeSize or Opcode.ExtCodeCopy or Opcode.ExtCodeHash when stack.Length >= 1:
                Touch(Address.FromUInt256(stack[^1]));
                break;
        }
    }

    public override void End(in TransactionOutcome outcome, Journal journal) => After = Read(journal);

    public override void SeeBefore(Journal journal) => Before = Read(journal);

    private SortedDictionary<Address, Snapshot> Read(Journal journal)
    {
        SortedDictionary<Address, Snapshot> snapshots = [];
        foreach ((Address address, SortedSet<UInt256> slots) in _touched)
        {
            Hash256 codeHash = journal.GetCodeHash(address);
            byte[] code = options.DisableCode || codeHash == Hash256.EmptyCode ? [] : journal.GetCode(address).ToArray();
            SortedDictionary<UInt256, UInt256> values = [];
            if (!options.DisableStorage)
            {
                foreach (UInt256 slot in slots) values[slot] = journal.GetStorage(address, slot);
            }

            snapshots[address] = new Snapshot(journal.Exists(address), new Account(journal.GetNonce(address), journal.GetBalance(address), codeHash), code, values);
        }

        return snapshots;
    }

    public override void Write(Utf8JsonWriter json)
    {
        if (options.DiffMode)
        {
            json.WriteStartObject();
            json.WriteStartObject("post"u8);
            foreach ((Address address, Snapshot after) in After) WriteChanges(json, address, Before[address], after);
            json.WriteEndObject();
            json.WriteStartObject("pre"u8);
            foreach ((Address address, Snapshot before) in Before)
            {
                if (before.Exists && Differs(before, After[address])) WriteWhole(json, address, before, After[address]);
            }

            json.WriteEndObject();
            json.WriteEndObject();
            return;
        }

        json.WriteStartObject();
        foreach ((Address address, Snapshot before) in Before)
        {
            if (!_created.Contains(address) || before.Exists) WriteWhole(json, address, before, null);
        }

        json.WriteEndObject();
    }

    protected static bool Differs(Snapshot a, Snapshot b) =>
        a.Exists != b.Exists || a.Account != b.Account || a.Slots.Any(slot => b.Slots[slot.Key] != slot.Value);

    /// <summary>The account as it was; with <paramref name="other"/> given, only the slots that differ from it.</summary>
    private static void WriteWhole(Utf8JsonWriter json, in Address address, Snapshot account, Snapshot? other)
    {
        json.WriteStartObject(address.ToString());
        json.WriteQuantity("balance"u8, account.Account.Balance);
        if (account.Account.Nonce > 0) json.WriteNumber("nonce"u8, account.Account.Nonce);
        if (account.Code.Length > 0) json.WriteData("code"u8, account.Code);
        WriteSlots(json, account.Slots.Where(slot => other is null || (other.Slots[slot.Key] != slot.Value && !slot.Value.IsZero)));
        json.WriteEndObject();
    }

    private static void WriteChanges(Utf8JsonWriter json, in Address address, Snapshot before, Snapshot after)
    {
        if (!after.Exists || !Differs(before, after)) return; // an account that is gone has no "after"
        json.WriteStartObject(address.ToString());
        if (after.Account.Balance != before.Account.Balance) json.WriteQuantity("balance"u8, after.Account.Balance);
        if (after.Account.Nonce != before.Account.Nonce) json.WriteNumber("nonce"u8, after.Account.Nonce);
        if (after.Account.CodeHash != before.Account.CodeHash && after.Code.Length > 0) json.WriteData("code"u8, after.Code);
        WriteSlots(json, after.Slots.Where(slot => before.Slots[slot.Key] != slot.Value && !slot.Value.IsZero));
        json.WriteEndObject();
    }

    private static void WriteSlots(Utf8JsonWriter json, IEnumerable<KeyValuePair<UInt256, UInt256>> slots)
    {
        bool any = false;
        foreach ((UInt256 slot, UInt256 value) in slots)
        {
            if (!any) json.WriteStartObject("storage"u8);
            any = true;
            json.WriteString(Hex.Encode(slot.ToBigEndianArray()), Hex.Encode(value.ToBigEndianArray()));
        }

        if (any) json.WriteEndObject();
    }
}
