using System.Security.Cryptography;
using Opal.Primitives;

namespace Opal.JsonRpc;

/// <summary>The file with the Engine API's shared secret: 32 bytes as 64 hexadecimal digits, readable by its owner alone.</summary>
public static class JwtSecretFile
{
    private const int SecretSize = 32;

    /// <summary>Reads the secret.</summary>
    /// <exception cref="ConfigFileException">The file is missing or holds something else.</exception>
    public static byte[] Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path).Trim();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ConfigFileException(path, "there is no such JWT secret file", "let the execution client create it, or write 64 hexadecimal digits into it", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigFileException(path, $"the JWT secret cannot be read ({error.Message})", "check the file's owner and mode", error);
        }

        if (Hex.TryDecode(text, out byte[] secret) && secret.Length == SecretSize) return secret;
        throw new ConfigFileException(path, $"a JWT secret is {2 * SecretSize} hexadecimal digits, this file has {text.Length} characters", "delete it to have a new one created, or copy the right one");
    }

    /// <summary>Reads the secret; writes a new random one first when there is no file, or an empty one.</summary>
    /// <exception cref="ConfigFileException">The file holds something else, or cannot be written.</exception>
    public static byte[] ReadOrCreate(string path)
    {
        if (File.Exists(path) && new FileInfo(path).Length > 0) return Read(path);
        byte[] secret = RandomNumberGenerator.GetBytes(SecretSize);
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using var writer = new StreamWriter(path, options);
            writer.WriteLine(Hex.Encode(secret));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigFileException(path, $"a new JWT secret cannot be written ({error.Message})", "choose a folder this user may write to", error);
        }

        return secret;
    }
}
