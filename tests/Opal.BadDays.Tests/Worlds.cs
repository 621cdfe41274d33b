namespace Opal.BadDays.Tests;

/// <summary>The L1s that every scenario runs on.</summary>
public static class Worlds
{
    public const string Embedded = "embedded", Anvil = "anvil";

    /// <summary>The names, for theories.</summary>
    public static TheoryData<string> All { get; } = [Embedded, Anvil];

    internal static async Task<IBadDayL1> StartAsync(string name) => name == Anvil ? await AnvilL1.StartAsync(BadDay.GenesisTime) : new EmbeddedL1(BadDay.GenesisTime);
}
