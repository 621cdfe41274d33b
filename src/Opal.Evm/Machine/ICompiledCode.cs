namespace Opal.Evm;

/// <summary>Machine code of a contract: the third engine, for frames of <see cref="FrameEngine.Compiled"/>.</summary>
internal unsafe interface ICompiledCode
{
    /// <summary>Runs frames from where they stand, beginning with one of this code.</summary>
    /// <returns>The first frame that another engine has to go on with; null when the top-level frame has ended.</returns>
    Frame* Run(EvmMachine machine, Frame* frame);
}
