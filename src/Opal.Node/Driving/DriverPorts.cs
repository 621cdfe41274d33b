namespace Opal.Node;

/// <summary>The outside world of the driver.</summary>
/// <param name="L1">L1 blocks and receipts.</param>
/// <param name="Blobs">Blobs.</param>
/// <param name="Engine">The execution engine.</param>
public sealed record DriverPorts(IL1Source L1, IBlobSource Blobs, IEngine Engine);
