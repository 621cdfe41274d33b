using Opal.Protocol;

namespace Opal.Deployer.Config;

/// <summary>When each fork activates, in seconds after the L2 genesis; 0 = at genesis, null = never.</summary>
public sealed record ForkSchedule
{
    /// <summary>The forks in their order, as the keys of deploy configs spell them (<c>l2Genesis…TimeOffset</c>).</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["Regolith", "Canyon", "Delta", "Ecotone", "Fjord", "Granite", "Holocene", "Isthmus", "Jovian", "Karst"];

    /// <summary>Regolith.</summary>
    public ulong? Regolith { get; init; }

    /// <summary>Canyon; Shanghai in Ethereum's terms.</summary>
    public ulong? Canyon { get; init; }

    /// <summary>Delta: span batches.</summary>
    public ulong? Delta { get; init; }

    /// <summary>Ecotone; Cancun in Ethereum's terms.</summary>
    public ulong? Ecotone { get; init; }

    /// <summary>Fjord.</summary>
    public ulong? Fjord { get; init; }

    /// <summary>Granite.</summary>
    public ulong? Granite { get; init; }

    /// <summary>Holocene.</summary>
    public ulong? Holocene { get; init; }

    /// <summary>Isthmus; Prague in Ethereum's terms.</summary>
    public ulong? Isthmus { get; init; }

    /// <summary>Jovian.</summary>
    public ulong? Jovian { get; init; }

    /// <summary>Karst.</summary>
    public ulong? Karst { get; init; }

    /// <summary>Optional side fork: the L1 blob base fee by Prague's schedule from this time on (chains that ran Holocene when L1 went Prague).</summary>
    public ulong? PectraBlobSchedule { get; init; }

    /// <summary>All forks up to and including the one named active at genesis, the later ones never.</summary>
    /// <exception cref="ArgumentException">No fork has this name.</exception>
    public static ForkSchedule AtGenesisThrough(string name)
    {
        int last = Names.ToList().FindIndex(known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (last < 0) throw new ArgumentException($"no fork is called '{name}'", nameof(name));
        var offsets = new ulong?[Names.Count];
        for (int i = 0; i <= last; i++) offsets[i] = 0;
        return FromOffsets(offsets);
    }

    /// <summary>The schedule of offsets in the order of <see cref="Names"/>.</summary>
    public static ForkSchedule FromOffsets(IReadOnlyList<ulong?> offsets) => new()
    {
        Regolith = offsets[0],
        Canyon = offsets[1],
        Delta = offsets[2],
        Ecotone = offsets[3],
        Fjord = offsets[4],
        Granite = offsets[5],
        Holocene = offsets[6],
        Isthmus = offsets[7],
        Jovian = offsets[8],
        Karst = offsets[9],
    };

    /// <summary>The offsets in the order of <see cref="Names"/>.</summary>
    public IReadOnlyList<ulong?> Offsets => [Regolith, Canyon, Delta, Ecotone, Fjord, Granite, Holocene, Isthmus, Jovian, Karst];

    /// <summary>The activation time of an offset: 0 for a fork active at genesis, as configurations write it.</summary>
    public static ulong? TimeOf(ulong? offset, ulong genesisTime) => offset switch
    {
        null => null,
        0 => 0,
        { } seconds => checked(genesisTime + seconds),
    };

    /// <summary>The schedule as activation times of a chain that begins at <paramref name="genesisTime"/>.</summary>
    public OptimismForkTimes ToForkTimes(ulong genesisTime) => new()
    {
        Regolith = TimeOf(Regolith, genesisTime),
        Canyon = TimeOf(Canyon, genesisTime),
        Delta = TimeOf(Delta, genesisTime),
        Ecotone = TimeOf(Ecotone, genesisTime),
        Fjord = TimeOf(Fjord, genesisTime),
        Granite = TimeOf(Granite, genesisTime),
        Holocene = TimeOf(Holocene, genesisTime),
        Isthmus = TimeOf(Isthmus, genesisTime),
        Jovian = TimeOf(Jovian, genesisTime),
        Karst = TimeOf(Karst, genesisTime),
    };

    /// <summary>What is wrong with the order, or null: no fork may be skipped, and none may come before its predecessor.</summary>
    public string? FindDisorder()
    {
        IReadOnlyList<ulong?> offsets = Offsets;
        for (int i = 1; i < offsets.Count; i++)
        {
            if (offsets[i] is not { } offset) continue;
            if (offsets[i - 1] is not { } before) return $"{Names[i]} is scheduled, but {Names[i - 1]}, which it builds on, is not";
            if (offset < before) return $"{Names[i]} is scheduled {offset} s after genesis, before {Names[i - 1]} ({before} s)";
        }

        return null;
    }
}
