namespace Opal.Benchmarks;

/// <summary>The peer cannot do what it is asked.</summary>
internal sealed class PeerException(string message) : Exception(message);
