using System.Runtime.CompilerServices;

namespace Opal.Evm;

/// <content>Which engine runs which frame.</content>
public sealed unsafe partial class EvmMachine
{
    /// <summary>Decoded code may take this much memory, in bytes; then all of it is forgotten before the next top-level message.</summary>
    private const long DecodedBudget = 96 << 20;

    /// <summary>Longer code, which no chain admits and only a state override can bring, stays bytes; so an instruction's way to another fits its field.</summary>
    private const int LongestDecoded = 1 << 20;

    private const long MostGasNoted = 1L << 40;

    private readonly Decoder _decoder = new();
    private readonly List<Bytecode> _decodedCodes = [];
    private long _decodedBytes;
    private OpcodeSet _opcodes;
    private bool _tracesSteps;
    private bool _bytesOnly;

    /// <summary>The engines that messages from now on may use.</summary>
    public EngineChoice Engines { get; set; }

    /// <summary>How much memory decoded code takes, in bytes.</summary>
    internal long DecodedBytes => _decodedBytes;

    /// <summary>Before a top-level message, when no frame points into decoded code.</summary>
    private void PrepareEngines()
    {
        _tracesSteps = Tracer is { WantsSteps: true };
        _bytesOnly = _tracesSteps || Engines == EngineChoice.Bytes;
        if (_decodedBytes >= DecodedBudget) ForgetDecoded();
    }

    private void ForgetDecoded()
    {
        foreach (Bytecode code in _decodedCodes) code.Decoded = null;
        _decodedCodes.Clear();
        _decodedBytes = 0;
    }

    /// <summary>Runs frames until the top-level one has ended, each by its engine. No engine calls another: they return the frame to go on with.</summary>
    private void RunFrames(Frame* frame)
    {
        while (frame != null)
        {
            frame = frame->Engine switch
            {
                FrameEngine.Decoded => ExecuteDecoded(frame),
                FrameEngine.Compiled => CompiledAt(frame->Depth).Run(this, frame),
                _ => _tracesSteps ? ExecuteBytes<StepTracing>(frame) : ExecuteBytes<NoTracing>(frame),
            };
        }
    }

    /// <summary>The engine for a frame that begins to run <paramref name="code"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private FrameEngine ChooseEngine(Frame* frame, Bytecode code)
    {
        if (_bytesOnly) return FrameEngine.Bytes;
        if (_profiles is not null && TryEnterCompiled(frame, code)) return FrameEngine.Compiled;
        DecodedCode? decoded = code.Decoded;
        return decoded is not null && decoded.Opcodes == _opcodes ? FrameEngine.Decoded : ConsiderDecoding(code);
    }

    /// <summary>Decodes code that has used as much gas as it has bytes, so that decoding (some 10 ns a byte) never costs more than what was paid for.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private FrameEngine ConsiderDecoding(Bytecode code)
    {
        bool isWorthIt = Engines == EngineChoice.Decoded || (!code.IsInitCode && code.GasUsed >= code.Length);
        if (!isWorthIt || code.Length > LongestDecoded || _decodedBytes >= DecodedBudget) return FrameEngine.Bytes;
        code.Decoded = _decoder.Decode(code, _opcodes);
        _decodedCodes.Add(code);
        _decodedBytes += code.Decoded.Size;
        return FrameEngine.Decoded;
    }

    private static void PointIntoDecoded(Frame* frame, DecodedCode decoded)
    {
        frame->Program = decoded.Program;
        frame->Targets = decoded.Targets;
        frame->Pc = (byte*)(frame->Program + Decoder.FirstInstruction);
    }

    /// <summary>Notes what a frame that ends has used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void NoteGas(Frame* frame, long gasLeft)
    {
        unchecked
        {
            Bytecode code = _code[frame->Depth]!;
            code.GasUsed = Math.Min(code.GasUsed + Math.Min(frame->GasAtEntry - gasLeft, MostGasNoted), MostGasNoted);
        }
    }
}
