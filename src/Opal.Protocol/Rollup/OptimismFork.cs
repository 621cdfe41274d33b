namespace Opal.Protocol;

/// <summary>The OP Stack's network upgrades in the order they were activated.</summary>
public enum OptimismFork : byte
{
    Bedrock,
    Regolith,
    Canyon,
    Delta,
    Ecotone,
    Fjord,
    Granite,
    Holocene,
    Isthmus,
    Jovian,
    Karst,
}
