using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Opal.Storage;

namespace Opal.Batcher;

public sealed partial class BatcherJournal
{
    private const string IdentityFile = "identity", LogFolder = "log", Damaged = "damaged-";

    /// <summary>How the systems say that somebody else holds a file.</summary>
    private const int WouldBlock = 11, WouldBlockOfMac = 35, SharingViolation = unchecked((int)0x80070020);

    /// <summary>Opens the journal of a folder, or begins one.</summary>
    /// <param name="folder">Made when there is none.</param>
    /// <param name="identity">Whose journal it has to be.</param>
    /// <param name="time">The clock, by which a damaged journal that is put aside is named.</param>
    /// <param name="logger">Where what had to be mended is told.</param>
    /// <exception cref="BatcherJournalException">Another batcher uses it, it belongs to another account or chain, or a newer program wrote it.</exception>
    /// <exception cref="IOException">The folder cannot be read or written.</exception>
    public static BatcherJournal Open(string folder, JournalIdentity identity, TimeProvider time, ILogger logger)
    {
        DurableFile.CreateFolder(folder);
        FileStream exclusive = Lock(folder);
        try
        {
            CheckIdentity(folder, identity);
            return OpenLog(folder, exclusive, time, logger);
        }
        catch
        {
            exclusive.Dispose();
            throw;
        }
    }

    private static FileStream Lock(string folder)
    {
        string path = Path.Combine(folder, "LOCK");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (error.HResult is WouldBlock or WouldBlockOfMac or SharingViolation)
        {
            throw new BatcherJournalException($"another batcher uses this journal: {folder}. Stop it, or give this one a folder of its own (--journal.dir)", error);
        }
    }

    private static void CheckIdentity(string folder, JournalIdentity identity)
    {
        string path = Path.Combine(folder, IdentityFile);
        if (!File.Exists(path))
        {
            // it is written before the log is begun
            if (Directory.Exists(Path.Combine(folder, LogFolder)))
            {
                throw new BatcherJournalException($"the journal in {folder} does not say whose it is: its file {IdentityFile} is gone. Put it back, or take the folder away to begin a new one");
            }

            DurableFile.Write(path, Encoding.UTF8.GetBytes(identity.ToText()));
            return;
        }

        if (!JournalIdentity.TryParse(File.ReadAllText(path), out int version, out JournalIdentity? found))
        {
            throw new BatcherJournalException(version > JournalIdentity.FormatVersion
                ? $"the journal in {folder} has format {version}, and this program reads {JournalIdentity.FormatVersion}: use the program that wrote it"
                : $"{path} cannot be read: this is no journal of a batcher, or it is damaged. Take the folder away to begin a new one");
        }

        if (found != identity)
        {
            throw new BatcherJournalException($"the journal in {folder} belongs to another batcher: it is of {found}, and this one is {identity}. Give it a folder of its own (--journal.dir)");
        }
    }

    private static BatcherJournal OpenLog(string folder, FileStream exclusive, TimeProvider time, ILogger logger)
    {
        string path = Path.Combine(folder, LogFolder);
        var options = new FileFrameLogOptions { MaxFileSize = 16 << 20, Report = line => logger.LogInformation("Batcher journal: {Report}", line) };
        string problem;
        IFrameLog? log = null;
        try
        {
            log = FileFrameLog.Open(path, options);
            if (Replay(log) is { } replay) return new BatcherJournal(log, exclusive, IsBegunAnew(folder, log), Reopen, replay);
            problem = $"{path} holds records that no batcher wrote";
        }
        catch (StoreCorruptException error)
        {
            problem = error.Message;
        }

        // what is on L1 is the truth: without the journal the safe head says where to go on
        log?.Dispose();
        string name = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Damaged}{time.GetUtcNow():yyyyMMdd-HHmmss}")), aside = name;
        for (int i = 2; Directory.Exists(aside); i++) aside = string.Create(CultureInfo.InvariantCulture, $"{name}-{i}");
        Directory.Move(path, aside);
        logger.LogError("The batcher's journal is damaged and was put aside as {Aside}; a new one is begun, and what to post is found by the safe head: {Problem}", aside, problem);
        return new BatcherJournal(Reopen(), exclusive, wasDamaged: true, Reopen);

        FileFrameLog Reopen() => FileFrameLog.Open(path, options);
    }

    /// <summary>Whether a damaged log was put aside and nothing was written since: the program ended before it posted anything.</summary>
    private static bool IsBegunAnew(string folder, IFrameLog log) => log.Begin == log.End && Directory.EnumerateDirectories(folder, Damaged + "*").Any();
}
