namespace Opal.Cli.BatcherReports;

/// <summary>A plan or report cannot be made. The message is one line that says why and what to do.</summary>
internal sealed class ReportException(string message, Exception? inner = null) : Exception(message, inner);
