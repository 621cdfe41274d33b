using Opal.Cli.Flags;
using Opal.Cli.Node;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.L1Services;

/// <summary>Where a service keeps its journal.</summary>
internal static class ServiceFolder
{
    /// <summary>The flag's folder; else one of the rollup's and the account's own under the user's home, so that a chain made anew with the same id, another chain, and another account keep apart.</summary>
    /// <param name="values">The flags.</param>
    /// <param name="role">batcher or proposer.</param>
    /// <param name="rollup">The rollup.</param>
    /// <param name="account">The account that sends.</param>
    public static string Of(FlagValues values, string role, RollupConfig rollup, Address account)
    {
        if (values.TextOrNull("journal.dir") is { } given) return Path.GetFullPath(NodeSettings.Expand(given));
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Path.Combine(home, ".opal", role, $"{rollup.L2ChainId}-{Short(rollup.GenesisL2.Hash.ToString())}-{Short(account.ToString())}");
    }

    /// <summary>The error of a folder that cannot be used.</summary>
    public static ServiceException Unusable(string folder, Exception error) =>
        new($"the journal cannot be kept in {folder} ({error.Message}); give a folder that can be written: --journal.dir=DIR", error);

    private static string Short(string hex) => hex[2..10];
}
