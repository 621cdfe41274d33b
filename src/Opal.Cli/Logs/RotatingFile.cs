using System.Globalization;
using System.Text;

namespace Opal.Cli.Logs;

/// <summary>A file that lines are added to, and that makes way for a new one when it is full. Not safe for several threads.</summary>
internal sealed class RotatingFile : IDisposable
{
    private readonly string _path;
    private readonly long? _maxBytes;
    private readonly int _backups;
    private FileStream _file;

    /// <param name="path">The file; lines go to its end. Full ones become <c>NAME-TIME.EXT</c> beside it.</param>
    /// <param name="maxBytes">Its greatest size; null lets it grow.</param>
    /// <param name="backups">How many full files are kept; 0 keeps all.</param>
    public RotatingFile(string path, long? maxBytes, int backups)
    {
        (_path, _maxBytes, _backups) = (Path.GetFullPath(path), maxBytes, backups);
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        _file = Open();
    }

    private FileStream Open() => new(_path, FileMode.Append, FileAccess.Write, FileShare.Read);

    /// <summary>Adds a line.</summary>
    public void Write(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        if (_maxBytes is { } most && _file.Length > 0 && _file.Length + bytes.Length > most) Rotate();
        _file.Write(bytes);
        _file.Flush();
    }

    private void Rotate()
    {
        _file.Dispose();
        string folder = Path.GetDirectoryName(_path)!, name = Path.GetFileNameWithoutExtension(_path), extension = Path.GetExtension(_path);
        string stamp = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH-mm-ss.fffffff", CultureInfo.InvariantCulture);
        File.Move(_path, Path.Combine(folder, $"{name}-{stamp}{extension}"));
        _file = Open();
        if (_backups == 0) return;
        foreach (string old in Directory.EnumerateFiles(folder, $"{name}-*{extension}").OrderDescending(StringComparer.Ordinal).Skip(_backups)) File.Delete(old);
    }

    public void Dispose() => _file.Dispose();
}
