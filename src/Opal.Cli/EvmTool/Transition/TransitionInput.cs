using System.Text.Json;
using Opal.Protocol;

namespace Opal.Cli.EvmTool.Transition;

/// <summary>What a transition starts from.</summary>
/// <param name="Accounts">The state before.</param>
/// <param name="Env">The block's environment.</param>
/// <param name="Transactions">The transactions.</param>
internal sealed record TransitionInput(List<GenesisAccount> Accounts, TransitionEnv Env, List<OfferedTransaction> Transactions)
{
    /// <summary>Reads the three parts from files or from the standard input.</summary>
    /// <exception cref="TransitionException">A part is missing or malformed.</exception>
    public static TransitionInput Read(TransitionOptions options, TextReader stdin)
    {
        bool usesStdin = options.InputAlloc == TransitionOptions.Stdin || options.InputEnv == TransitionOptions.Stdin || options.InputTxs == TransitionOptions.Stdin;
        using JsonDocument? piped = usesStdin ? Parse("stdin", System.Text.Encoding.UTF8.GetBytes(stdin.ReadToEnd())) : null;
        List<GenesisAccount> accounts = ReadPart("alloc", options.InputAlloc, piped, ToolAlloc.Read);
        TransitionEnv env = ReadPart("env", options.InputEnv, piped, TransitionEnv.Read);
        return new TransitionInput(accounts, env, ReadTransactions(options, piped));
    }

    private static List<OfferedTransaction> ReadTransactions(TransitionOptions options, JsonDocument? piped)
    {
        bool isRlp = options.InputTxs.EndsWith(".rlp", StringComparison.Ordinal);
        if (options.InputTxs == TransitionOptions.Stdin && piped!.RootElement.TryMember("txsRlp", out JsonElement rlp) && rlp.Text().Length > 0)
        {
            return Guard("txsRlp", () => OfferedTransaction.ReadRlp(rlp.Bytes()));
        }

        return ReadPart("txs", options.InputTxs, piped, element => isRlp ? OfferedTransaction.ReadRlp(element.Bytes()) : OfferedTransaction.ReadJson(element, options.ChainId));
    }

    private static T ReadPart<T>(string name, string source, JsonDocument? piped, Func<JsonElement, T> read)
    {
        if (source == TransitionOptions.Stdin)
        {
            return Guard($"{name} of stdin", () => read(piped!.RootElement.Member(name)));
        }

        byte[] json;
        try
        {
            json = File.ReadAllBytes(source);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TransitionException(TransitionException.Io, $"failed reading {name} file {source}: {(e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message)}", e);
        }

        using JsonDocument document = Parse($"{name} file {source}", json);
        return Guard($"{name} file {source}", () => read(document.RootElement));
    }

    private static JsonDocument Parse(string what, byte[] json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            throw new TransitionException(TransitionException.Json, $"failed unmarshalling {what}: {e.Message}", e);
        }
    }

    private static T Guard<T>(string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InputFormatException or InvalidOperationException)
        {
            throw new TransitionException(TransitionException.Json, $"failed unmarshalling {what}: {e.Message}", e);
        }
    }
}
