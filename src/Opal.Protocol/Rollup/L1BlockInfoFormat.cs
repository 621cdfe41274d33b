namespace Opal.Protocol;

/// <summary>The layouts of the L1 attributes' call data, oldest first.</summary>
public enum L1BlockInfoFormat : byte
{
    /// <summary>setL1BlockValues, ABI encoded, 260 bytes.</summary>
    Bedrock,
    /// <summary>setL1BlockValuesEcotone, packed, 164 bytes.</summary>
    Ecotone,
    /// <summary>setL1BlockValuesIsthmus, packed, 176 bytes.</summary>
    Isthmus,
    /// <summary>setL1BlockValuesJovian, packed, 178 bytes.</summary>
    Jovian,
}
