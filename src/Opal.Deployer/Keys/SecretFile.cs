using System.Text;

namespace Opal.Deployer.Keys;

/// <summary>Files that only their owner may read.</summary>
internal static class SecretFile
{
    /// <summary>Writes text with mode 0600 from the first byte on; makes the folder if need be.</summary>
    /// <exception cref="DeployerException">It cannot be written.</exception>
    public static void Write(string path, string text)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using var file = new FileStream(path, options);
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DeployerException($"cannot write {path}: {error.Message}", error);
        }
    }
}
