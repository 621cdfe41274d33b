namespace Opal.Cli.EvmTool;

/// <summary>What a step trace shows besides the fields that it always has.</summary>
/// <param name="Memory">The memory.</param>
/// <param name="Stack">The operand stack.</param>
/// <param name="ReturnData">The return data buffer.</param>
/// <param name="CallFrames">A line for each frame that is entered.</param>
public readonly record struct StepTraceOptions(bool Memory, bool Stack, bool ReturnData, bool CallFrames);
