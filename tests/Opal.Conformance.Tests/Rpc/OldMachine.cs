using Opal.Evm;
using Opal.Primitives;

namespace Opal.Conformance.Tests.Rpc;

/// <summary>Runs the few instructions that the mined blocks of the rpc-compat chain execute, at the prices of their forks.</summary>
/// <remarks>No calls from code, no refunds: the chain has neither, and anything not known is an exception.</remarks>
internal sealed class OldMachine(OldState state, OldForks forks, Address self, byte[] code, byte[] input, HashSet<(Address, UInt256)> warm, ulong number)
{
    private readonly List<UInt256> _stack = [];
    private byte[] _memory = [];
    private readonly Dictionary<UInt256, UInt256> _written = [];

    public long Gas { get; private set; }

    public List<LogEntry> Logs { get; } = [];

    public byte[] Output { get; private set; } = [];

    private sealed class OutOfGasException : Exception;

    /// <summary>False when gas ran out; then nothing was written.</summary>
    public bool Run(long gas)
    {
        Gas = gas;
        try
        {
            Execute();
        }
        catch (OutOfGasException)
        {
            Gas = 0;
            return false;
        }

        foreach ((UInt256 slot, UInt256 value) in _written) state.Store(self, slot, value);
        return true;
    }

    public void Charge(long gas)
    {
        if (Gas < gas) throw new OutOfGasException();
        Gas -= gas;
    }

    private UInt256 Pop()
    {
        UInt256 top = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private int PopSmall() => checked((int)Pop().U0);

    private void Push(UInt256 value) => _stack.Add(value);

    private Span<byte> Memory(int at, int length)
    {
        if (length == 0) return [];
        long before = _memory.Length / 32, after = (at + length + 31) / 32;
        if (after > before)
        {
            Charge((3 * after) + (after * after / 512) - (3 * before) - (before * before / 512));
            Array.Resize(ref _memory, (int)after * 32);
        }

        return _memory.AsSpan(at, length);
    }

    private static long Words(int length) => (length + 31) / 32;

    private void Copy(byte[] source)
    {
        int to = PopSmall(), from = PopSmall(), length = PopSmall();
        Charge(3 + (3 * Words(length)));
        Span<byte> target = Memory(to, length);
        target.Clear();
        if (from < source.Length) source.AsSpan(from, Math.Min(length, source.Length - from)).CopyTo(target);
    }

    private void Execute()
    {
        for (int pc = 0; pc < code.Length; pc++)
        {
            byte op = code[pc];
            switch (op)
            {
                case 0x00: return;
                case 0x01: Charge(3); Push(unchecked(Pop() + Pop())); break;
                case 0x03: Charge(3); Push(Pop() - Pop()); break;
                case 0x10: Charge(3); Push(Pop() < Pop() ? UInt256.One : UInt256.Zero); break;
                case 0x20:
                {
                    int at = PopSmall(), length = PopSmall();
                    Charge(30 + (6 * Words(length)));
                    Push(Keccak256.Hash(Memory(at, length)).ToUInt256());
                    break;
                }

                case 0x36: Charge(2); Push((ulong)input.Length); break;
                case 0x37: Copy(input); break;
                case 0x38: Charge(2); Push((ulong)code.Length); break;
                case 0x39: Copy(code); break;
                case 0x43: Charge(2); Push(number); break;
                case 0x50: Charge(2); Pop(); break;
                case 0x51: Charge(3); Push(UInt256.FromBigEndian(Memory(PopSmall(), 32))); break;
                case 0x52:
                {
                    int at = PopSmall();
                    UInt256 value = Pop();
                    Charge(3);
                    value.ToBigEndianArray().CopyTo(Memory(at, 32));
                    break;
                }

                case 0x54: Load(); break;
                case 0x55: Store(); break;
                case 0x57:
                {
                    Charge(10);
                    int to = PopSmall();
                    if (!Pop().IsZero) pc = to - 1;
                    break;
                }

                case 0x5a: Charge(2); Push((ulong)Gas); break;
                case 0x5b: Charge(1); break;
                case >= 0x60 and <= 0x7f:
                {
                    Charge(3);
                    int length = op - 0x5f;
                    Push(UInt256.FromBigEndian(code.AsSpan(pc + 1, length)));
                    pc += length;
                    break;
                }

                case >= 0x80 and <= 0x8f: Charge(3); Push(_stack[^(op - 0x7f)]); break;
                case >= 0x90 and <= 0x9f: Charge(3); (_stack[^1], _stack[^(op - 0x8e)]) = (_stack[^(op - 0x8e)], _stack[^1]); break;
                case >= 0xa0 and <= 0xa4: Log(op - 0xa0); break;
                case 0xf3:
                {
                    int at = PopSmall(), length = PopSmall();
                    Output = Memory(at, length).ToArray();
                    return;
                }

                default: throw new NotSupportedException($"instruction 0x{op:x2} in a mined block");
            }
        }
    }

    private void Load()
    {
        UInt256 slot = Pop();
        if (forks.HasAccessLists) Charge(warm.Add((self, slot)) ? 2100 : 100);
        else Charge(forks.Load);
        Push(Current(slot));
    }

    private UInt256 Current(UInt256 slot) => _written.TryGetValue(slot, out UInt256 value) ? value : state.Load(self, slot);

    private void Store()
    {
        UInt256 slot = Pop(), value = Pop(), current = Current(slot);
        if (forks.HasStoreSentry && Gas <= 2300) throw new OutOfGasException();
        if (!current.IsZero && value.IsZero || _written.ContainsKey(slot)) throw new NotSupportedException("a store that earns a refund, or a second one to a slot");
        long cold = forks.HasAccessLists && warm.Add((self, slot)) ? 2100 : 0;
        long change = current.IsZero && !value.IsZero ? 20_000 : forks.HasAccessLists ? 2_900 : 5_000;
        Charge(cold + (forks.HasNetStorageGas && value == current ? forks.StoreNothing : change));
        if (value != current) _written[slot] = value;
    }

    private void Log(int topics)
    {
        int at = PopSmall(), length = PopSmall();
        Charge(375 + (375 * topics) + (8L * length));
        var found = new Hash256[topics];
        for (int i = 0; i < topics; i++) found[i] = Hash256.FromUInt256(Pop());
        Logs.Add(new LogEntry(self, found, Memory(at, length).ToArray()));
    }
}
