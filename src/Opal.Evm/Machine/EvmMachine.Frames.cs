using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Evm;

/// <content>Entering and leaving frames.</content>
public sealed unsafe partial class EvmMachine
{
    private readonly EvmEnvironment _environment = new();
    private Halt _result;
    private long _resultGas;

    internal EvmEnvironment Environment => _environment;

    internal OutputBuffer ReturnData => _returnData;

    internal KeccakCache KeccakCache { get; } = new();

    /// <summary>Notes why an instruction fails.</summary>
    /// <returns>Negative gas, for the instruction to return.</returns>
    internal long Fail(Halt reason)
    {
        _failure = reason;
        return -1;
    }

    private Frame* BeginTopCall(in CallMessage message, in Address to)
    {
        int number = Journal.NumberOf(to);
        Tracer?.EnterFrame(new FrameEntry
        {
            Kind = CallKind.Call, From = message.Caller, To = to, Value = message.Value, Gas = message.Gas, Input = message.Input.Span,
            IsPrecompile = Journal.IsPrecompile(number),
        });
        JournalCheckpoint checkpoint = Journal.Checkpoint();
        if (!Transfer(Journal.NumberOf(message.Caller), number, message.Value))
        {
            return EndTop(Halt.InsufficientBalance, message.Gas, message.Gas, checkpoint);
        }

        if (Rules.Precompiles.Find(to) is { } precompile)
        {
            long gasLeft = message.Gas;
            Halt halt = RunPrecompile(precompile, message.Input.Span, ref gasLeft);
            return EndTop(halt, message.Gas, gasLeft, checkpoint);
        }

        Bytecode code = Journal.CodeOf(number);
        if (Rules.HasDelegation && Delegation.TryParse(code.Span, out Address target))
        {
            int targetNumber = Journal.NumberOf(target);
            Journal.Warm(targetNumber);
            code = Journal.IsPrecompile(targetNumber) ? Bytecode.Empty : Journal.CodeOf(targetNumber);
        }

        if (code.Length == 0) return EndTop(Halt.Stop, message.Gas, message.Gas, checkpoint);
        Frame* frame = BeginTop(message, CallKind.Call, to, number, code, checkpoint);
        frame->InputLength = message.Input.Length;
        return frame;
    }

    private Frame* BeginTopCreation(in CallMessage message, in Address address)
    {
        int number = Journal.NumberOf(address);
        Tracer?.EnterFrame(new FrameEntry
        {
            Kind = CallKind.Create, From = message.Caller, To = address, Value = message.Value, Gas = message.Gas, Input = message.Input.Span,
        });
        Journal.Warm(number);
        JournalCheckpoint checkpoint = Journal.Checkpoint();
        int caller = Journal.NumberOf(message.Caller);
        if (UInt256.Less(Journal.Load(caller).Balance, message.Value)) return EndTop(Halt.InsufficientBalance, message.Gas, message.Gas, checkpoint);
        if (!Journal.IsFree(number)) return EndTop(Halt.CreateCollision, message.Gas, 0, checkpoint);
        Journal.MarkCreated(number);
        Journal.SetNonce(number, 1);
        Transfer(caller, number, message.Value);
        return BeginTop(message, CallKind.Create, address, number, InitCode(0, message.Input.Span), checkpoint);
    }

    /// <summary>The frame at depth 0. Its call data is copied to the beginning of the arena.</summary>
    private Frame* BeginTop(in CallMessage message, CallKind kind, in Address self, int number, Bytecode code, in JournalCheckpoint checkpoint)
    {
        unchecked
        {
            int inputLength = kind == CallKind.Call ? message.Input.Length : 0;
            ulong room = ((ulong)(uint)inputLength + 31) & ~31UL;
            if (room + 4096 > _arena.Size) _arena.Grow((nuint)(room * 2));
            if (kind == CallKind.Call) message.Input.Span.CopyTo(new Span<byte>(_arena.Start, inputLength));
            Frame* frame = Push(code, (UInt256*)_stackBlock.Start, _arena.Start + room);
            frame->Input = _arena.Start;
            frame->Self = self;
            frame->SelfNumber = number;
            frame->Caller = message.Caller;
            frame->Value = message.Value;
            frame->Kind = kind;
            frame->IsStatic = message.IsStatic;
            frame->Checkpoint = checkpoint;
            frame->Gas = message.Gas;
            frame->GasAtEntry = message.Gas;
            return frame;
        }
    }

    private Frame* EndTop(Halt halt, long gas, long gasLeft, in JournalCheckpoint checkpoint)
    {
        if (!halt.IsSuccess()) Journal.RevertTo(checkpoint);
        _result = halt;
        _resultGas = gasLeft;
        Tracer?.ExitFrame(halt, gas - gasLeft, _returnData.Span);
        return null;
    }

    private Bytecode InitCode(int depth, ReadOnlySpan<byte> code)
    {
        Bytecode held = _initCode[depth] ??= Bytecode.ForInitCode();
        held.Reload(code);
        return held;
    }

    /// <summary>Makes the next frame with empty stack and memory; the caller fills in who, what and how much.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Frame* Push(Bytecode code, UInt256* stack, byte* memory)
    {
        unchecked
        {
            int depth = ++_depth;
            Frame* frame = _frames + depth;
            _code[depth] = code;
            frame->Depth = depth;
            frame->Code = code.Start;
            frame->Pc = frame->Code;
            frame->CalleeGas = 0;
            frame->Engine = ChooseEngine(frame, code);
            if (frame->Engine == FrameEngine.Decoded) PointIntoDecoded(frame, code.Decoded!);
            frame->CodeLength = code.Length;
            frame->Destinations = null;
            frame->Stack = stack;
            frame->Sp = stack - 1;
            frame->Memory = memory;
            frame->MemorySize = 0;
            frame->InputLength = 0;
            frame->ReturnLength = 0;
            return frame;
        }
    }

    internal ulong* FindDestinations(Frame* frame) => frame->Destinations = _code[frame->Depth]!.Destinations;

    /// <summary>Moves wei and touches both ends. False, and nothing done, when the payer has too little.</summary>
    private bool Transfer(int from, int to, in UInt256 value)
    {
        if (!value.IsZero && !Journal.SubBalance(from, value)) return false;
        Journal.AddBalance(to, value);
        return true;
    }

    private Halt RunPrecompile(Precompile precompile, ReadOnlySpan<byte> input, ref long gas)
    {
        _returnData.Clear();
        long cost = precompile.GasFor(input);
        if (cost > gas)
        {
            gas = 0;
            return Halt.OutOfGas;
        }

        if (!precompile.TryRun(_crypto, input, _returnData))
        {
            gas = 0;
            _returnData.Clear();
            return Halt.PrecompileFailure;
        }

        gas -= cost;
        return Halt.Return;
    }

    /// <summary>Ends a frame that halted by failing.</summary>
    private Frame* LeaveFailed(Frame* frame)
    {
        Halt halt = _failure;
        _failure = Halt.OutOfGas;
        if (_stepOpen) CloseOpenStep(0, halt);
        return Leave(frame, halt, 0, null, 0);
    }

    /// <summary>Ends a frame: settles its state, hands gas, output and result to the parent.</summary>
    /// <returns>The parent, ready to continue, or null after the top-level frame.</returns>
    private Frame* Leave(Frame* frame, Halt halt, long gas, byte* output, int outputLength)
    {
        unchecked
        {
            CloseStep(gas);
            NoteGas(frame, gas);
            if (_profiles is not null) CountGas(frame, halt, gas);
            if (frame->IsCreation && halt.IsSuccess()) halt = Deploy(frame, halt, ref gas, new ReadOnlySpan<byte>(output, outputLength));
            if (halt.IsExceptional())
            {
                gas = 0;
                _returnData.Clear();
            }
            else
            {
                _returnData.Set(new ReadOnlySpan<byte>(output, outputLength));
            }

            if (!halt.IsSuccess()) Journal.RevertTo(frame->Checkpoint);
            Tracer?.ExitFrame(halt, frame->GasAtEntry - gas, _returnData.Span);

            if (_depth-- == 0)
            {
                _result = halt;
                _resultGas = gas;
                return null;
            }

            Frame* parent = frame - 1;
            parent->Gas += gas;
            if (frame->IsCreation)
            {
                if (halt.IsSuccess()) _returnData.Clear();
                *parent->Sp = halt.IsSuccess() ? frame->Self.ToUInt256() : default;
            }
            else
            {
                *parent->Sp = halt.IsSuccess() ? UInt256.One : default;
                CopyOutput(parent, frame->OutputOffset, frame->OutputLength);
            }

            parent->ReturnLength = _returnData.Length;
            return parent;
        }
    }

    private void CopyOutput(Frame* parent, ulong offset, ulong room)
    {
        unchecked
        {
            uint length = (uint)Math.Min(room, (ulong)_returnData.Length);
            if (length != 0) Unsafe.CopyBlockUnaligned(parent->Memory + offset, _returnData.Pointer, length);
        }
    }

    /// <summary>Checks, charges and stores the code that init code returned.</summary>
    private Halt Deploy(Frame* frame, Halt halt, ref long gas, ReadOnlySpan<byte> code)
    {
        if (code.Length > Rules.MaxCodeSize) return Halt.CodeTooLarge;
        if (code.Length > 0 && code[0] == 0xef) return Halt.InvalidCode;
        gas -= (long)code.Length * GasCost.CodeByte;
        if (gas < 0) return Halt.CodeStoreOutOfGas;
        Journal.SetCode(frame->SelfNumber, code);
        return halt;
    }
}
