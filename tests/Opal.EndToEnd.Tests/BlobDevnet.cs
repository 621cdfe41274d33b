namespace Opal.EndToEnd.Tests;

/// <summary>The default devnet: embedded L1, blobs, a verifier.</summary>
public sealed class BlobDevnet : IAsyncLifetime
{
    private DevnetUnderTest? _devnet;

    internal DevnetUnderTest Devnet => _devnet ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync() => _devnet = await DevnetUnderTest.StartAsync(4_000, "--verifier");

    public async Task DisposeAsync()
    {
        if (_devnet is not null) await _devnet.DisposeAsync();
    }
}
