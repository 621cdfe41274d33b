using Opal.Evm;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Finds logs in blocks.</summary>
public static class LogSearch
{
    /// <summary>Appends the matching logs of one block.</summary>
    public static void InBlock(ExecutedBlock block, LogCriteria criteria, bool removed, List<FoundLog> found)
    {
        if (!criteria.MayMatch(block.Header.LogsBloom)) return;
        int logIndex = 0;
        for (int i = 0; i < block.Receipts.Count; i++)
        {
            foreach (LogEntry log in block.Receipts[i].Logs)
            {
                if (criteria.Matches(log)) found.Add(new FoundLog(block, i, logIndex, log, removed));
                logIndex++;
            }
        }
    }

    /// <summary>The matching logs of the canonical blocks <paramref name="from"/>..<paramref name="to"/>, both included.</summary>
    public static List<FoundLog> InRange(Blockchain chain, ulong from, ulong to, LogCriteria criteria, CancellationToken cancellationToken)
    {
        List<FoundLog> found = [];
        foreach (ulong number in chain.BlocksThatMayMatch(from, to, criteria))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (chain.FindCanonical(number) is { } block) InBlock(block, criteria, removed: false, found);
        }

        return found;
    }
}
