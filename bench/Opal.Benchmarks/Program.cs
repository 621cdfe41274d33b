namespace Opal.Benchmarks;

/// <summary>Names a benchmark, runs it, prints its figures. The workloads are in the folder OPAL_BENCH, else ../shared/bench beside the repository.</summary>
internal static class Program
{
    private const string Usage = """
        usage: dotnet run -c Release --project bench/Opal.Benchmarks -- BENCHMARK
          evm [FILTER] [--seconds S]   EVM calls: workloads whose group/name contains FILTER; S seconds each (0.5)
        """;

    private static int Main(string[] args)
    {
        if (args is not ["evm", ..])
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        double seconds = 0.5;
        string filter = "";
        for (int i = 1; i < args.Length; i++)
        {
            if (args[i] == "--seconds" && i + 1 < args.Length && double.TryParse(args[i + 1], out seconds)) i++;
            else filter = args[i];
        }

        if (BenchFolder.Find() is not { } folder)
        {
            Console.Error.WriteLine("no workloads: set OPAL_BENCH to the folder that holds evm/evm.json");
            return 2;
        }

        return EvmBenchmark.Run(folder, filter, seconds, Console.Out);
    }
}
