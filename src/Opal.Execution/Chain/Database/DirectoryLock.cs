using System.Globalization;

namespace Opal.Execution;

/// <summary>Keeps a second process out of a directory. The system drops the lock with the process, however that ends.</summary>
internal sealed class DirectoryLock : IDisposable
{
    private const string LockName = "LOCK", PidName = "LOCK.pid";

    private readonly FileStream _lock;

    private DirectoryLock(FileStream held) => _lock = held;

    /// <summary>Creates the directory when it is not there, and locks it.</summary>
    /// <exception cref="ChainDatabaseException">Another process has it (the message names it), or it cannot be written.</exception>
    public static DirectoryLock Take(string directory)
    {
        string pidFile = Path.Combine(directory, PidName);
        FileStream held;
        try
        {
            Directory.CreateDirectory(directory);
            held = new FileStream(Path.Combine(directory, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new ChainDatabaseException($"the directory {directory} cannot be written: {error.Message}; choose another with --datadir, or run as its owner", error);
        }
        catch (IOException error) when (Directory.Exists(directory))
        {
            string owner = File.Exists(pidFile) && int.TryParse(ReadShared(pidFile), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? $"process {pid}" : "another process";
            throw new ChainDatabaseException($"the directory {directory} is in use by {owner}; stop it first, or choose another directory with --datadir", error);
        }
        catch (IOException error)
        {
            throw new ChainDatabaseException($"the directory {directory} cannot be created: {error.Message}; choose another with --datadir", error);
        }

        try
        {
            File.WriteAllText(pidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            // a full disk: the lock holds without the name of its owner, and whoever writes next says what is wrong
        }

        return new DirectoryLock(held);
    }

    private static string ReadShared(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }

    public void Dispose() => _lock.Dispose();
}
