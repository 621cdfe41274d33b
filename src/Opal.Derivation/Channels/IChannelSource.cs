namespace Opal.Derivation;

/// <summary>Where complete channels come from: the channel bank, and from Holocene on the channel assembler.</summary>
internal interface IChannelSource
{
    /// <summary>Gives the next complete channel.</summary>
    Pull Next(out RawChannel channel);

    /// <summary>Forgets everything.</summary>
    void Reset();
}
