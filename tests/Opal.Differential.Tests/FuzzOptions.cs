namespace Opal.Differential.Tests;

/// <summary>What a run is told.</summary>
internal sealed record FuzzOptions
{
    public ulong Seed { get; init; } = 1;

    /// <summary>The number of the first case.</summary>
    public ulong Start { get; init; }

    /// <summary>Cases for each fork.</summary>
    public ulong Count { get; init; } = 1000;

    public IReadOnlyList<FuzzFork> Forks { get; init; } = [FuzzFork.Find("osaka")];

    /// <summary>One kind of case only.</summary>
    public string? Kind { get; init; }

    /// <summary>Cases in a block.</summary>
    public int BatchSize { get; init; } = 400;

    /// <summary>For how many transactions of a block the outputs are compared too.</summary>
    public int Outputs { get; init; } = 20;

    /// <summary>Where found differences are written to, as vectors.</summary>
    public string VectorFolder { get; init; } = Path.Combine(Path.GetTempPath(), "opal-fuzz");

    /// <summary>Most differences to take apart before the run stops.</summary>
    public int MostFindings { get; init; } = 10;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="ArgumentException">It cannot be read; the message says why.</exception>
    public static FuzzOptions Parse(string[] arguments)
    {
        var options = new FuzzOptions();
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string value = i + 1 < arguments.Length ? arguments[i + 1] : throw new ArgumentException($"{arguments[i]} needs a value");
            options = arguments[i] switch
            {
                "--seed" => options with { Seed = Number(value) },
                "--start" => options with { Start = Number(value) },
                "--index" => options with { Start = Number(value), Count = 1 },
                "--count" => options with { Count = Number(value) },
                "--fork" => options with { Forks = value == "all" ? FuzzFork.All : [.. value.Split(',').Select(FuzzFork.Find)] },
                "--kind" => ProgramGenerator.Kinds.Contains(value)
                    ? options with { Kind = value }
                    : throw new ArgumentException($"no kind is called '{value}'; there are: {string.Join(' ', ProgramGenerator.Kinds)}"),
                "--batch" => options with { BatchSize = (int)Math.Clamp(Number(value), 1, 5000) },
                "--outputs" => options with { Outputs = (int)Number(value) },
                "--vectors" => options with { VectorFolder = value },
                "--findings" => options with { MostFindings = (int)Number(value) },
                _ => throw new ArgumentException($"no option is called '{arguments[i]}'"),
            };
        }

        return options;
    }

    private static ulong Number(string text) => ulong.TryParse(text, out ulong number) ? number : throw new ArgumentException($"'{text}' is no number");
}
