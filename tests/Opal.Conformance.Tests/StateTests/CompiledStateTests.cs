using Opal.Cli.EvmTool;
using Opal.Compiler;
using Opal.Crypto;
using Opal.Testing;

namespace Opal.Conformance.Tests.StateTests;

/// <summary>A sample of the official state tests with every contract compiled to machine code when it is first seen.</summary>
public sealed class CompiledStateTests
{
    /// <summary>One file in so many, by a hash of its name; <c>OPAL_COMPILED_SHARE=1</c> runs all, which takes long.</summary>
    private static readonly uint Share = Environment.GetEnvironmentVariable("OPAL_COMPILED_SHARE") is { Length: > 0 } text ? uint.Parse(text) : 20;

    [VectorTheory]
    [InlineData("evm/eest-state-tests.tar.gz", 100)]
    [InlineData("evm/eest-static-state-tests.tar.gz", 100)]
    [InlineData("evm/ethereum-tests-general-state.tar.gz", 100)]
    public void A_sample_passes_compiled(string archive, int atLeast)
    {
        using var compiler = new CodeCompiler(new CodeCompilerOptions { Mode = CompilationMode.FirstSight });
        IEnumerable<InputFile> sample = InputFiles.ReadJson([Vectors.PathOf(archive)]).Where(file => HashOf(Path.GetFileName(file.Name)) % Share == 0);
        TestSink sink = TestSuite.Run(sample, () => new StateTestRunner(NativeCrypto.Instance) { Compiler = compiler });
        Assert.Empty(sink.Problems);
        List<TestResult> results = sink.Results;
        var failures = results.Where(r => !r.Pass).ToList();
        Assert.True(failures.Count == 0, $"{failures.Count} of {results.Count} failed:\n" + string.Join('\n', failures.Take(20).Select(f => $"{f.Name} [{f.Fork}]: {f.Error}")));
        Assert.True(results.Count >= atLeast, $"only {results.Count} cases were found");
        Assert.Equal(0, compiler.Statistics.Failed);
        Assert.True(compiler.Statistics.Compiled > 0, "nothing was compiled");
    }

    /// <summary>FNV-1a.</summary>
    private static uint HashOf(string name)
    {
        uint hash = 2_166_136_261;
        foreach (char c in name) hash = unchecked((hash ^ c) * 16_777_619);
        return hash;
    }
}
