namespace Opal.Storage.Tests;

/// <summary>A folder of its own for a test, gone after it.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("opal-store-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>A copy of the folder as it is at one moment, as a crash would leave it.</summary>
    /// <remarks>Something in the background may write new files and remove old ones meanwhile: then the copy is of no moment, and another is made.</remarks>
    public ScratchFolder Copy()
    {
        while (true)
        {
            var copy = new ScratchFolder();
            string[] before = Files();
            try
            {
                foreach (string folder in Directory.EnumerateDirectories(Path, "*", SearchOption.AllDirectories)) Directory.CreateDirectory(copy[System.IO.Path.GetRelativePath(Path, folder)]);
                foreach (string file in before) File.Copy(file, copy[System.IO.Path.GetRelativePath(Path, file)]);
                if (Files().SequenceEqual(before)) return copy;
            }
            catch (FileNotFoundException)
            {
                // removed meanwhile
            }

            copy.Dispose();
        }
    }

    private string[] Files() => [.. Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, true);
}
