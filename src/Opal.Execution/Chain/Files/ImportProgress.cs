namespace Opal.Execution;

/// <summary>How far an import is.</summary>
/// <param name="Imported">Blocks executed and kept.</param>
/// <param name="Skipped">Blocks that were here already.</param>
/// <param name="Transactions">Transactions of the imported blocks.</param>
/// <param name="Gas">Gas used by the imported blocks.</param>
/// <param name="Number">The number of the newest block.</param>
/// <param name="BytesRead">How much of the file was read.</param>
/// <param name="TotalBytes">The file's size.</param>
public readonly record struct ImportProgress(ulong Imported, ulong Skipped, ulong Transactions, ulong Gas, ulong Number, long BytesRead, long TotalBytes);
