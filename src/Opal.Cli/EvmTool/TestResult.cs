using Opal.Primitives;

namespace Opal.Cli.EvmTool;

/// <summary>What became of one test.</summary>
/// <param name="Name">The test's name in its file.</param>
/// <param name="Fork">The fork it ran under.</param>
/// <param name="Pass">Whether everything was as expected.</param>
/// <param name="StateRoot">The state root afterwards; null when the test could not be read.</param>
/// <param name="Error">What was wrong; null when it passed.</param>
public sealed record TestResult(string Name, string Fork, bool Pass, Hash256? StateRoot, string? Error);
