namespace Opal.Reliability.Tests;

/// <summary>A directory that goes away with its content.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("opal-reliability-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
