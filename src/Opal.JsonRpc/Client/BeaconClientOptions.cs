namespace Opal.JsonRpc;

/// <summary>How a <see cref="BeaconClient"/> talks to its node.</summary>
public sealed record BeaconClientOptions
{
    /// <summary>A header sent with every request, <c>name: value</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>How long one request may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether to ask for all blobs of a slot at once, for nodes that cannot pick.</summary>
    public bool FetchAllBlobs { get; init; }
}
