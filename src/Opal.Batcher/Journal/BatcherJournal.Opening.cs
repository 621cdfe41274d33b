using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Opal.Storage;

namespace Opal.Batcher;

public sealed partial class BatcherJournal
{
    private const string IdentityFile = "identity", LogFolder = "log";

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
        catch (IOException error) when (File.Exists(path))
        {
            throw new BatcherJournalException($"another batcher uses this journal: {folder}. Stop it, or give this one a folder of its own (--journal.dir)", error);
        }
    }

    private static void CheckIdentity(string folder, JournalIdentity identity)
    {
        string path = Path.Combine(folder, IdentityFile);
        if (!File.Exists(path))
        {
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
            if (Replay(log) is { } replay) return new BatcherJournal(log, exclusive, wasDamaged: false, replay);
            problem = $"{path} holds records that no batcher wrote";
        }
        catch (StoreCorruptException error)
        {
            problem = error.Message;
        }

        // what is on L1 is the truth: without the journal the safe head says where to go on
        log?.Dispose();
        string name = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"damaged-{time.GetUtcNow():yyyyMMdd-HHmmss}")), aside = name;
        for (int i = 2; Directory.Exists(aside); i++) aside = string.Create(CultureInfo.InvariantCulture, $"{name}-{i}");
        Directory.Move(path, aside);
        logger.LogError("The batcher's journal is damaged and was put aside as {Aside}; a new one is begun, and what to post is found by the safe head: {Problem}", aside, problem);
        return new BatcherJournal(FileFrameLog.Open(path, options), exclusive, wasDamaged: true);
    }
}
