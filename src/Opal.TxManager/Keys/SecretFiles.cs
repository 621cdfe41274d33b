using System.Security.Cryptography;

namespace Opal.TxManager;

/// <summary>Reads small files that hold secrets.</summary>
internal static class SecretFiles
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>The bytes of a file or a pipe, which the caller wipes.</summary>
    /// <exception cref="SignerException">It cannot be read, or is too large to be a key.</exception>
    public static byte[] Read(string path, string what)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0); // no copy of a secret that nobody wipes
            var buffer = new byte[MaxBytes + 1];
            try
            {
                int length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
                return length <= MaxBytes ? buffer[..length] : throw new SignerException($"{what} {path} has more than {MaxBytes} bytes: that is no key");
            }
            finally
            {
                CryptographicOperations.ZeroMemory(buffer);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new SignerException($"cannot read {what} {path}: {error.Message}", error);
        }
    }

    /// <summary>As geth does, a file that others may read is used; but the operator is told.</summary>
    public static void WarnOfReaders(string? path, List<string> warnings)
    {
        if (path is null || OperatingSystem.IsWindows() || !File.Exists(path)) return;
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if ((File.GetUnixFileMode(path) & Others) != 0) warnings.Add($"other users may read or write {path}: chmod 600 {path}");
    }
}
