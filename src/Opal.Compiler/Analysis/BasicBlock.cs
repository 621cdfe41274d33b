namespace Opal.Compiler;

/// <summary>A run of instructions that is entered at its start only; gas and stack are checked there, once for all of it.</summary>
/// <param name="Start">Offset of the first instruction.</param>
/// <param name="End">Offset behind the last instruction, its immediate included; may lie beyond the code's end.</param>
/// <param name="Gas">Constant gas of all its instructions.</param>
/// <param name="Need">Items that must be on the stack.</param>
/// <param name="Growth">How many items the stack grows at its highest.</param>
internal readonly record struct BasicBlock(int Start, int End, long Gas, int Need, int Growth);
