using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.EvmTool.Running;

/// <summary>The block and the state that <c>evm run</c> runs in.</summary>
/// <param name="Rules">The fork's rules.</param>
/// <param name="ChainId">The chain's id.</param>
/// <param name="Accounts">The accounts.</param>
/// <param name="GasLimit">The genesis' gas limit; 0 where there is none.</param>
/// <param name="Number">The block's number.</param>
/// <param name="Timestamp">Its time in seconds.</param>
/// <param name="Coinbase">Its fee recipient.</param>
/// <param name="BaseFee">Its base fee in wei.</param>
/// <param name="Difficulty">Its difficulty, which only London shows.</param>
internal sealed record RunPrestate(
    Rules Rules, ulong ChainId, List<GenesisAccount> Accounts, ulong GasLimit, ulong Number, ulong Timestamp, Address Coinbase, UInt256 BaseFee, UInt256 Difficulty)
{
    /// <summary>geth's id of a development chain.</summary>
    private const ulong DevelopmentChain = 1337;

    /// <summary>An empty state under a fork; null is the newest Ethereum fork.</summary>
    /// <exception cref="InputFormatException">There is no such fork.</exception>
    public static RunPrestate Empty(string? fork) =>
        new(RulesOf(fork) ?? ForkRules.Osaka, DevelopmentChain, [], 0, 0, 0, Address.Zero, Protocol.BaseFee.Initial, default);

    /// <summary>Reads a genesis, or an alloc alone.</summary>
    /// <param name="json">The file.</param>
    /// <param name="fork">The fork; null takes the genesis' schedule, or the newest Ethereum fork where it has none.</param>
    /// <exception cref="InputFormatException">The file is malformed, or the fork is none that Opal has.</exception>
    public static RunPrestate Read(ReadOnlyMemory<byte> json, string? fork)
    {
        Rules? rules = RulesOf(fork);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (!root.TryMember("alloc", out JsonElement alloc)) return Empty(fork) with { Accounts = ToolAlloc.Read(root) };
            ulong number = root.OptionalULong("number") ?? 0, time = root.OptionalULong("timestamp") ?? 0;
            ulong chainId = DevelopmentChain;
            if (root.TryMember("config", out JsonElement config))
            {
                chainId = config.OptionalULong("chainId") ?? DevelopmentChain;
                rules ??= ScheduledRules(config, number, time);
            }

            return new RunPrestate(
                rules ?? ForkRules.Osaka,
                chainId,
                ToolAlloc.Read(alloc),
                root.OptionalULong("gasLimit") ?? 0,
                number,
                time,
                root.TryMember("coinbase", out JsonElement coinbase) ? coinbase.Address() : Address.Zero,
                root.OptionalWord("baseFeePerGas") ?? Protocol.BaseFee.Initial,
                root.OptionalWord("difficulty") ?? default);
        }
        catch (JsonException e)
        {
            throw new InputFormatException("not JSON: " + e.Message, e);
        }
        catch (Exception e) when (e is JsonFormatException or InvalidOperationException)
        {
            throw new InputFormatException(e.Message, e);
        }
    }

    private static Rules? RulesOf(string? fork) =>
        fork is null ? null : ToolForks.Find(fork) ?? throw new InputFormatException(ToolForks.Refusal(fork, ToolForks.Names));

    private static Rules ScheduledRules(JsonElement config, ulong number, ulong time)
    {
        ChainSpec spec = ChainConfigJson.Read(new JsonValue(config, "config"));
        if (!spec.IsOptimism && !(config.OptionalULong("londonBlock") <= number)) throw new InputFormatException($"the config is older than London at block {number}; opal runs London and later");
        return spec.At(number, time);
    }
}
