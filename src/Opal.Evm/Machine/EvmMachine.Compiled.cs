using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Evm;

/// <content>The seam to compiled code: which frames run it, the gas by which code earns it, and what it calls.</content>
public sealed unsafe partial class EvmMachine
{
    private readonly ICompiledCode?[] _compiled = new ICompiledCode?[MaxDepth + 1];  // of running frames, by depth
    private CodeProfiles? _profiles;

    /// <summary>Makes machine code of contracts that run much; null interprets everything. Counts from the next block on.</summary>
    /// <remarks>
    /// Steps are never traced in compiled code, and init code is never compiled. Results are the same; a frame that fails may have
    /// read less of the state before, so whoever records reads for a witness runs without a compiler.
    /// </remarks>
    public ICodeCompiler? Compiler { get; set; }

    /// <summary>The machine code of the frame at this depth.</summary>
    internal ICompiledCode CompiledAt(int depth) => _compiled[depth]!;

    /// <summary>Whether a frame that begins runs machine code; if so it is set up for it.</summary>
    private bool TryEnterCompiled(Frame* frame, Bytecode code)
    {
        if (Engines != EngineChoice.Automatic) return false;
        CodeProfile? profile = ReferenceEquals(code.Profiles, _profiles) ? code.Profile : OpenProfile(code);
        ICompiledCode? compiled = profile?.Compiled;
        if (compiled is null) return false;
        _compiled[frame->Depth] = compiled;
        frame->Pc = null;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private CodeProfile? OpenProfile(Bytecode code)
    {
        code.Profiles = _profiles;
        return code.Profile = code.Hash == default ? null : _profiles!.Open(code);
    }

    /// <summary>Counts the gas of a frame that ends for its code. A failure consumes gas without work, so it earns nothing.</summary>
    private void CountGas(Frame* frame, Halt halt, long gas)
    {
        unchecked
        {
            long used = frame->GasAtEntry - gas;
            if (frame->Depth > 0) (frame - 1)->CalleeGas += used;
            if (halt.IsExceptional()) return;
            Bytecode code = _code[frame->Depth]!;
            if (code.Profile is not { } profile || !ReferenceEquals(code.Profiles, _profiles)) return;
            profile.Gas += used - frame->CalleeGas;
            if (profile.Gas >= profile.ReportAt) _profiles!.Report(profile, code);
        }
    }

    /// <summary><see cref="BeginCall"/>, or the end of a caller whose call failed.</summary>
    internal Frame* EnterCall(Frame* frame, CallKind kind, UInt256* sp, long gas)
    {
        Frame* next = BeginCall(frame, kind, sp, gas);
        return next != null ? next : LeaveFailed(frame);
    }

    /// <summary><see cref="BeginCreation"/>, or the end of a creator whose instruction failed.</summary>
    internal Frame* EnterCreation(Frame* frame, CallKind kind, UInt256* sp, long gas)
    {
        Frame* next = BeginCreation(frame, kind, sp, gas);
        return next != null ? next : LeaveFailed(frame);
    }

    /// <summary>STOP.</summary>
    internal Frame* EndStopped(Frame* frame, long gas) => Leave(frame, Halt.Stop, gas, null, 0);

    /// <summary>RETURN or REVERT: offset, length.</summary>
    internal Frame* EndWithOutput(Frame* frame, Halt halt, UInt256* sp, long gas)
    {
        unchecked
        {
            gas = ExpandRange(frame, sp, sp - 1, gas);
            if (gas < 0) return LeaveFailed(frame);
            return Leave(frame, halt, gas, frame->Memory + (sp[-1].U0 == 0 ? 0 : sp->U0), (int)sp[-1].U0);
        }
    }

    /// <summary>SELFDESTRUCT with the base gas charged already.</summary>
    internal Frame* EndDestructed(Frame* frame, UInt256* sp, long gas)
    {
        gas = Destruct(frame, sp, gas);
        return gas < 0 ? LeaveFailed(frame) : Leave(frame, Halt.SelfDestruct, gas, null, 0);
    }

    /// <summary>An exceptional halt: out of gas, unless the instruction has named another reason.</summary>
    internal Frame* EndFailed(Frame* frame) => LeaveFailed(frame);
}
