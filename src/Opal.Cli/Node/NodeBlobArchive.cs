using Microsoft.Extensions.Logging;
using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.Devnet;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Cli.Node;

/// <summary>The node's archive of blobs, open and served.</summary>
internal sealed class NodeBlobArchive : IAsyncDisposable
{
    private readonly HttpHost _host;
    private readonly BlobArchiveApi _api;

    private NodeBlobArchive(BlobArchive archive, BlobArchiveApi api, HttpHost host) => (Archive, _api, _host) = (archive, api, host);

    /// <summary>The archive.</summary>
    public BlobArchive Archive { get; }

    /// <summary>Opens and serves what --blob-archive names; null when it names nothing.</summary>
    /// <exception cref="NodeException">The folder cannot be used.</exception>
    /// <exception cref="EndpointUnavailableException">The port is taken.</exception>
    public static async Task<NodeBlobArchive?> StartAsync(FlagValues values, RollupConfig rollup, ILoggerFactory loggers, CancellationToken cancellation)
    {
        if (values.TextOrNull("blob-archive") is not { } folder) return null;
        BlobArchive archive = Open(NodeSettings.Expand(folder), rollup, loggers.CreateLogger("Opal.Node.BlobArchive"));
        var api = new BlobArchiveApi(archive, VersionText.ClientName("blob-archive"));
        try
        {
            string host = values.Text("blob-archive.addr");
            HttpHost server = await HttpHost.StartAsync([new HttpBinding("blob-archive", host, values.Port("blob-archive.port"), api.HandleAsync)], loggers, cancellation);
            loggers.CreateLogger("Opal.Cli").LogInformation("Blob archive: {Count} blobs, Beacon API at http://{Host}:{Port}", archive.Count, host, server.PortOf(0));
            return new NodeBlobArchive(archive, api, server);
        }
        catch
        {
            api.Dispose();
            archive.Dispose();
            throw;
        }
    }

    private static BlobArchive Open(string folder, RollupConfig rollup, ILogger logger)
    {
        try
        {
            return BlobArchive.Open(folder, rollup.L1ChainId, NativeBlobCommitments.Instance, logger);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or StoreCorruptException)
        {
            throw new NodeException(error.Message, error);
        }
    }

    /// <summary>Ends the API, then closes the archive.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _api.Dispose();
        Archive.Dispose();
    }
}
