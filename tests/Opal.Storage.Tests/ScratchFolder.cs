namespace Opal.Storage.Tests;

/// <summary>A folder of its own for a test, gone after it.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("opal-store-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>A copy of the folder as it is now, as a crash would leave it.</summary>
    public ScratchFolder Copy()
    {
        var copy = new ScratchFolder();
        foreach (string folder in Directory.EnumerateDirectories(Path, "*", SearchOption.AllDirectories)) Directory.CreateDirectory(copy[System.IO.Path.GetRelativePath(Path, folder)]);
        foreach (string file in Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories)) File.Copy(file, copy[System.IO.Path.GetRelativePath(Path, file)]);
        return copy;
    }

    public void Dispose() => Directory.Delete(Path, true);
}
