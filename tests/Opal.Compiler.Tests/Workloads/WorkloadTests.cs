using Opal.Crypto;
using Opal.Evm;

namespace Opal.Compiler.Tests;

/// <summary>A test that needs the benchmark workloads; where there are none it is reported as not run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class WorkloadFactAttribute : FactAttribute
{
    public WorkloadFactAttribute()
    {
        if (Workload.FindFolder() is null && Environment.GetEnvironmentVariable("CI") != "true") Skip = "no benchmark workloads here (OPAL_BENCH)";
    }
}

/// <summary>The workloads of the benchmarks use the expected gas and give the expected output when they are compiled at first sight.</summary>
public sealed class WorkloadTests
{
    [WorkloadFact]
    public void All_give_the_expected_result_compiled()
    {
        using var compiler = new CodeCompiler(new CodeCompilerOptions { Mode = CompilationMode.FirstSight });
        using var machine = new EvmMachine(NativeCrypto.Instance) { Compiler = compiler };
        var problems = new List<string>();
        List<Workload> workloads = Workload.Load(Workload.FindFolder()!);
        foreach (Workload workload in workloads)
        {
            CallResult result = workload.Run(machine);
            if (workload.Check(machine, result) is { } problem) problems.Add($"{workload.Name}: {problem}");
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
        Assert.True(workloads.Count >= 90, $"only {workloads.Count} workloads");
        CodeCompilerStatistics statistics = compiler.Statistics;
        Assert.Equal(0, statistics.Failed);
        Assert.True(statistics.MostLocalReferences < 8000, $"a method names locals {statistics.MostLocalReferences} times: the JIT does not optimise it");
    }
}
