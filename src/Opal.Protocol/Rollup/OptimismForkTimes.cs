namespace Opal.Protocol;

/// <summary>When each network upgrade activates, in seconds; null is never. Bedrock is active from the genesis block on.</summary>
public sealed record OptimismForkTimes
{
    public ulong? Regolith { get; init; }
    public ulong? Canyon { get; init; }
    public ulong? Delta { get; init; }
    public ulong? Ecotone { get; init; }
    public ulong? Fjord { get; init; }
    public ulong? Granite { get; init; }
    public ulong? Holocene { get; init; }
    public ulong? Isthmus { get; init; }
    public ulong? Jovian { get; init; }
    public ulong? Karst { get; init; }

    /// <summary>The activation time of a fork in seconds; 0 for Bedrock, null where it never activates.</summary>
    public ulong? Of(OptimismFork fork) => fork switch
    {
        OptimismFork.Bedrock => 0,
        OptimismFork.Regolith => Regolith,
        OptimismFork.Canyon => Canyon,
        OptimismFork.Delta => Delta,
        OptimismFork.Ecotone => Ecotone,
        OptimismFork.Fjord => Fjord,
        OptimismFork.Granite => Granite,
        OptimismFork.Holocene => Holocene,
        OptimismFork.Isthmus => Isthmus,
        OptimismFork.Jovian => Jovian,
        OptimismFork.Karst => Karst,
        _ => null,
    };

    /// <summary>Whether a fork is active at a time in seconds.</summary>
    public bool IsActive(OptimismFork fork, ulong timeSeconds) => Of(fork) is { } activation && activation <= timeSeconds;

    /// <summary>The newest fork active at a time in seconds.</summary>
    public OptimismFork Newest(ulong timeSeconds)
    {
        for (OptimismFork fork = OptimismFork.Karst; fork > OptimismFork.Bedrock; fork--)
        {
            if (IsActive(fork, timeSeconds)) return fork;
        }

        return OptimismFork.Bedrock;
    }

    /// <summary>The first fork that is out of order: active where the one before it is not, or earlier; null when all are in order.</summary>
    public OptimismFork? FirstOutOfOrder()
    {
        ulong? previous = 0;
        for (OptimismFork fork = OptimismFork.Regolith; fork <= OptimismFork.Karst; fork++)
        {
            ulong? time = Of(fork);
            if (time is { } own && !(previous is { } before && before <= own)) return fork;
            previous = time;
        }

        return null;
    }

    /// <summary>All forks up to and with <paramref name="newest"/> active from genesis, the later ones never.</summary>
    public static OptimismForkTimes AllActiveAtGenesis(OptimismFork newest)
    {
        return new OptimismForkTimes
        {
            Regolith = Zero(OptimismFork.Regolith),
            Canyon = Zero(OptimismFork.Canyon),
            Delta = Zero(OptimismFork.Delta),
            Ecotone = Zero(OptimismFork.Ecotone),
            Fjord = Zero(OptimismFork.Fjord),
            Granite = Zero(OptimismFork.Granite),
            Holocene = Zero(OptimismFork.Holocene),
            Isthmus = Zero(OptimismFork.Isthmus),
            Jovian = Zero(OptimismFork.Jovian),
            Karst = Zero(OptimismFork.Karst),
        };

        ulong? Zero(OptimismFork fork) => fork <= newest ? 0 : null;
    }
}
