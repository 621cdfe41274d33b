using System.CommandLine;

namespace Opal.Cli;

/// <summary>Verbs that are reserved and not built yet: each says so and stops.</summary>
internal static class VerbsToCome
{
    private static readonly (string Name, string Description)[] Verbs =
    [
        ("challenger", "Plays dispute games."),
        ("l1", "The embedded L1 on its own."),
        ("bridge", "Deposits and withdraws."),
    ];

    public static IEnumerable<Command> Create()
    {
        foreach ((string name, string description) in Verbs)
        {
            var command = new Command(name, description + " (not built yet)") { TreatUnmatchedTokensAsErrors = false };
            command.SetAction(_ =>
            {
                Console.Error.WriteLine($"opal {name}: not built yet as a verb of its own; 'opal devnet' runs the whole system in one process.");
                return 2;
            });
            yield return command;
        }
    }
}
