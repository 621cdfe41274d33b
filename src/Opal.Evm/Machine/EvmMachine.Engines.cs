using System.Runtime.CompilerServices;

namespace Opal.Evm;

/// <content>Which engine runs which frame.</content>
public sealed unsafe partial class EvmMachine
{
    private bool _tracesSteps;

    /// <summary>Runs frames until the top-level one has ended, each by its engine. No engine calls another: they return the frame to go on with.</summary>
    private void RunFrames(Frame* frame)
    {
        while (frame != null)
        {
            frame = frame->Engine == FrameEngine.Compiled ? CompiledAt(frame->Depth).Run(this, frame)
                : _tracesSteps ? ExecuteBytes<StepTracing>(frame) : ExecuteBytes<NoTracing>(frame);
        }
    }

    /// <summary>The engine for a frame that begins to run <paramref name="code"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private FrameEngine ChooseEngine(Frame* frame, Bytecode code) =>
        _profiles is not null && TryEnterCompiled(frame, code) ? FrameEngine.Compiled : FrameEngine.Bytes;
}
