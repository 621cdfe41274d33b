using Opal.Evm;

namespace Opal.Execution;

/// <summary>A log with its place.</summary>
/// <param name="Block">The block that holds it.</param>
/// <param name="TransactionIndex">Index of its transaction in the block.</param>
/// <param name="LogIndex">Index of the log in the block.</param>
/// <param name="Log">The log itself.</param>
/// <param name="Removed">True when told because the block left the canonical chain.</param>
public sealed record FoundLog(ExecutedBlock Block, int TransactionIndex, int LogIndex, LogEntry Log, bool Removed);
