using System.Text.Json;

namespace Opal.Cli.EvmTool;

/// <summary>Runs the tests of one kind. Not for use by two threads at once.</summary>
public interface ITestRunner : IDisposable
{
    /// <summary>Runs one test of a file.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="test">The test.</param>
    /// <param name="sink">Gets its results.</param>
    /// <exception cref="InputFormatException">The test is malformed.</exception>
    void Run(string name, JsonElement test, TestSink sink);
}
