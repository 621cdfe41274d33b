using System.Diagnostics;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.State;

namespace Opal.Execution;

/// <summary>What a dump holds.</summary>
/// <param name="Start">The lowest key wanted.</param>
/// <param name="Max">The most accounts.</param>
/// <param name="Code">Whether codes are wanted.</param>
/// <param name="Storage">Whether slots are wanted.</param>
/// <param name="OnlyWithAddresses">Whether accounts of which only the hash is known are left out.</param>
internal sealed record DumpOptions(Hash256 Start, int Max, bool Code, bool Storage, bool OnlyWithAddresses);

/// <summary>Reads parts of a state, within a time and a size. When one of them is used up the part ends early, and says where the rest begins.</summary>
/// <param name="view">The state.</param>
/// <param name="keys">Tells addresses and slots by their hashes.</param>
/// <param name="timeout">The most time; zero sets no limit.</param>
internal sealed class StateDumper(IStateView view, KnownKeys keys, TimeSpan timeout)
{
    private const int AccountsAtOnce = 256, SlotsAtOnce = 1024;

    /// <summary>The most slots of all accounts of an answer, known or not.</summary>
    private const int MaxSlots = 200_000;

    /// <summary>The most bytes of code.</summary>
    private const long MaxCodeBytes = 16 << 20;

    private readonly long _started = Stopwatch.GetTimestamp();
    private int _slots;
    private long _codeBytes;

    private bool IsLate => timeout > TimeSpan.Zero && Stopwatch.GetElapsedTime(_started) > timeout;

    /// <summary>Makes a dump.</summary>
    /// <exception cref="RpcException">One account alone is too large.</exception>
    public StateDump Make(DumpOptions options, CancellationToken cancellation)
    {
        List<DumpedAccount> accounts = [];
        bool moved = false;
        for (Hash256? at = options.Start; at is { } from;)
        {
            StatePage<StateAccountEntry> page = view.ListAccounts(from, AccountsAtOnce);
            foreach (StateAccountEntry entry in page.Entries)
            {
                cancellation.ThrowIfCancellationRequested();
                if (accounts.Count == options.Max || (moved && IsLate)) return new StateDump(view.StateRoot, accounts, entry.Key);
                Address? address = keys.TryGetAddress(entry.Key, out Address known) ? known : null;
                if (address is not null || !options.OnlyWithAddresses)
                {
                    if (!TryTake(entry, address, options, cancellation, out DumpedAccount? account))
                    {
                        if (!moved) throw RpcException.Refused($"the storage of the account with the key {entry.Key} is too large for one answer: leave storage out (nostorage), and ask debug_storageRangeAt for it");
                        return new StateDump(view.StateRoot, accounts, entry.Key);
                    }

                    accounts.Add(account!);
                }

                moved = true;
            }

            at = page.Next;
        }

        return new StateDump(view.StateRoot, accounts, null);
    }

    /// <summary>Reads one account; false when there is no room or no time for it.</summary>
    private bool TryTake(in StateAccountEntry entry, Address? address, DumpOptions options, CancellationToken cancellation, out DumpedAccount? account)
    {
        account = null;
        ReadOnlyMemory<byte> code = options.Code ? view.GetCode(entry.Account.CodeHash) : default;
        _codeBytes += code.Length;
        if (_codeBytes > MaxCodeBytes) return false;
        List<(UInt256 Slot, UInt256 Value)> storage = [];
        for (Hash256? at = options.Storage ? Hash256.Zero : null; at is { } from;)
        {
            StatePage<StateSlotEntry> page = view.ListSlots(entry.Key, from, SlotsAtOnce);
            cancellation.ThrowIfCancellationRequested();
            _slots += page.Entries.Count;
            if (page.Next is not null && (_slots > MaxSlots || IsLate)) return false;
            foreach (StateSlotEntry slot in page.Entries)
            {
                if (keys.TryGetSlot(slot.Key, out UInt256 position)) storage.Add((position, slot.Value));
            }

            at = page.Next;
        }

        account = new DumpedAccount(entry, address, code, storage);
        return true;
    }
}
