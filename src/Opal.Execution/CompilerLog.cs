using Microsoft.Extensions.Logging;
using Opal.Compiler;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Writes what the compiler does to the log.</summary>
internal sealed class CompilerLog(ILogger logger) : ICodeCompilerObserver
{
    /// <inheritdoc/>
    public void Compiled(in Hash256 codeHash, int codeBytes, TimeSpan elapsed) =>
        logger.LogDebug("Compiled the code {CodeHash} of {Bytes} bytes in {Milliseconds:F0} ms", codeHash, codeBytes, elapsed.TotalMilliseconds);

    /// <inheritdoc/>
    public void Failed(in Hash256 codeHash, Exception reason) =>
        logger.LogWarning(reason, "The code {CodeHash} could not be compiled; it is interpreted", codeHash);

    /// <inheritdoc/>
    public void Evicted(in Hash256 codeHash) => logger.LogDebug("The machine code of {CodeHash} made room for other code", codeHash);
}
