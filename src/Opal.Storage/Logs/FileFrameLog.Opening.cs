using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;

namespace Opal.Storage;

public sealed unsafe partial class FileFrameLog
{
    /// <summary>Opens a log, or makes one. The last file is read whole: a torn end is cut off.</summary>
    /// <param name="folder">Made when there is none. It holds nothing else that ends in <c>.log</c>.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="StoreCorruptException">A file is missing, foreign or damaged.</exception>
    /// <exception cref="IOException">The folder cannot be read or written.</exception>
    public static FileFrameLog Open(string folder, FileFrameLogOptions? options = null)
    {
        folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(folder);
        var log = new FileFrameLog(folder, options ?? new FileFrameLogOptions());
        try
        {
            log.OpenFiles();
            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    private void OpenFiles()
    {
        uint[] numbers = Directory.EnumerateFiles(_folder, "*.log").Select(NumberOf).Order().ToArray();
        for (int i = 1; i < numbers.Length; i++)
        {
            if (numbers[i] != numbers[i - 1] + 1) throw new StoreCorruptException($"{LogFile.PathOf(_folder, numbers[i - 1] + 1)} is missing; restore it from a backup, or remove the folder {_folder} and sync again");
        }

        var files = new List<LogFile>();
        for (int i = 0; i < numbers.Length; i++)
        {
            var file = new LogFile(_folder, numbers[i]);
            if (OpenFile(file, i == numbers.Length - 1)) files.Add(file);
        }

        _files = [.. files];
        if (_files.Length < numbers.Length || numbers.Length == 0) StartFile(numbers.Length == 0 ? 0 : numbers[^1]);
        else CutTornEnd(_files[^1]);
    }

    private uint NumberOf(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        return name.Length == 8 && uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            ? number
            : throw new StoreCorruptException($"{path} is no file of a log; take it out of the folder");
    }

    // false when the last file was not finished: its header was on the way to the disk when the power went
    private static bool OpenFile(LogFile file, bool last)
    {
        file.Open(FileMode.Open, last ? FileAccess.ReadWrite : FileAccess.Read);
        file.Length = RandomAccess.GetLength(file.Handle);
        Span<byte> header = stackalloc byte[FrameFormat.FileHeaderSize];
        int read = RandomAccess.Read(file.Handle, header, 0);
        bool good = FrameFormat.TryReadFileHeader(header[..read], file.Number, out ulong salt);
        file.Seed = FrameFormat.Seed(salt, file.Number);
        bool unborn = !good && last && file.Length <= FrameFormat.FileHeaderSize;
        if (!last || !good) file.Close();
        return good || unborn ? good : throw new StoreCorruptException($"{file.Path}: this is no file of a log, or its header (offset 0) is damaged; restore it from a backup, or remove the folder and sync again");
    }

    private void StartFile() => StartFile(_files[^1].Number + 1);

    // The file before is durable when the new one is there: so only the last file can have a torn end.
    private void StartFile(uint number)
    {
        if (_files.Length > 0) SyncFile(_files[^1]);
        var file = new LogFile(_folder, number);
        try
        {
            file.Open(FileMode.Create, FileAccess.ReadWrite);
            Span<byte> header = stackalloc byte[FrameFormat.FileHeaderSize];
            ulong salt = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
            FrameFormat.WriteFileHeader(header, salt, number);
            StoreFolder.Write(file.Handle, header, 0);
            RandomAccess.FlushToDisk(file.Handle);
            StoreFolder.Sync(_folder);
            file.Seed = FrameFormat.Seed(salt, number);
            file.Length = FrameFormat.FileHeaderSize;
        }
        catch (IOException error)
        {
            file.Close();
            File.Delete(file.Path);
            throw new IOException($"{file.Path}: the file could not be made ({error.Message}); the log is as it was before. Make room on the disk", error);
        }

        LogFile[] before = _files;
        _files = [.. before, file];
        if (before.Length > 0) NoteOpened(before[^1]);
    }

    private void CutTornEnd(LogFile file)
    {
        if (file.Length == FrameFormat.FileHeaderSize) return;
        long whole, next;
        using (var map = MemoryMappedFile.CreateFromFile(file.Handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true))
        using (MemoryMappedViewAccessor view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read))
        {
            byte* start = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            try
            {
                whole = FrameFormat.FileHeaderSize;
                while (EndOfFrame(start, whole, file) is var end && end > 0) whole = end;
                next = whole + 1;
                while (next < file.Length && EndOfFrame(start, next, file) == 0) next++;
            }
            finally
            {
                view.SafeMemoryMappedViewHandle.ReleasePointer();
            }
        }

        if (whole == file.Length) return;
        if (next < file.Length) throw Bad(file.AddressOf(whole), $"it is damaged, and a good frame follows it at offset {next}");
        _options.Report?.Invoke($"{file.Path}: the last write was not finished; {file.Length - whole} bytes at the end are cut off, from offset {whole}");
        RandomAccess.SetLength(file.Handle, whole);
        RandomAccess.FlushToDisk(file.Handle);
        file.Length = whole;
    }

    // where the frame at an offset ends; 0 when there is none
    private static long EndOfFrame(byte* start, long offset, LogFile file)
    {
        if (offset + FrameFormat.FrameHeaderSize > file.Length) return 0;
        var header = new ReadOnlySpan<byte>(start + offset, FrameFormat.FrameHeaderSize);
        if (!FrameFormat.TryReadHeader(header, file.Seed, (uint)offset, out FrameFormat.Header frame)) return 0;
        long end = offset + FrameFormat.FrameHeaderSize + frame.Length;
        return end <= file.Length && FrameFormat.IsWhole(header, file.Seed, (uint)offset, new ReadOnlySpan<byte>(start + offset + FrameFormat.FrameHeaderSize, (int)frame.Length)) ? end : 0;
    }
}
