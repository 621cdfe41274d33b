using Opal.Evm;
using Opal.Primitives;

namespace Opal.Compiler;

/// <summary>The machine code there is, kept below a total of bytecode bytes. The caller holds the lock.</summary>
internal sealed class LiveCode(int maxBytes)
{
    private sealed record Entry(CodeProfile Profile, Hash256 Hash, int Length)
    {
        /// <summary>Gas at the last eviction: what it used since says how much it is worth.</summary>
        public long GasBefore { get; set; }
    }

    private readonly List<Entry> _entries = [];

    /// <summary>Bytes of the bytecode.</summary>
    public int Bytes { get; private set; }

    /// <summary>Publishes machine code, and takes away what has run least until it fits.</summary>
    /// <returns>The hashes and profiles of what had to go.</returns>
    public List<(Hash256 Hash, CodeProfile Profile, int Length)> Add(CodeProfile profile, in Hash256 hash, CompiledCode code)
    {
        var evicted = new List<(Hash256, CodeProfile, int)>();
        while (_entries.Count > 0 && Bytes + code.CodeLength > maxBytes)
        {
            Entry victim = _entries.MinBy(e => e.Profile.Gas - e.GasBefore)!;
            _entries.Remove(victim);
            Bytes -= victim.Length;
            victim.Profile.Compiled = null;
            evicted.Add((victim.Hash, victim.Profile, victim.Length));
        }

        if (evicted.Count > 0)
        {
            foreach (Entry entry in _entries) entry.GasBefore = entry.Profile.Gas;
        }

        // the newcomer has just earned its place: it starts with the gas that brought it in
        _entries.Add(new Entry(profile, hash, code.CodeLength));
        Bytes += code.CodeLength;
        profile.Compiled = code;
        return evicted;
    }
}
