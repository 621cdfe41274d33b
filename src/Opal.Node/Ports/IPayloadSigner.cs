using Opal.Primitives;

namespace Opal.Node;

/// <summary>The key that a sequencer signs its unsafe blocks with (p2p.sequencer.key); given by the composition.</summary>
public interface IPayloadSigner
{
    /// <summary>Whose signature it is.</summary>
    Address Address { get; }

    /// <summary>Signs a digest.</summary>
    /// <returns>65 bytes: r ++ s ++ y parity.</returns>
    byte[] Sign(in Hash256 digest);
}
