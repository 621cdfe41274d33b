using Opal.Evm;
using Opal.Primitives;

namespace Opal.Compiler;

/// <summary>The profiles of codes under one set of opcodes.</summary>
internal sealed class RulesProfiles(CodeCompiler compiler, OpcodeSet set) : CodeProfiles
{
    private readonly Dictionary<Hash256, CodeProfile> _profiles = [];

    /// <summary>The opcodes.</summary>
    public OpcodeSet Set => set;

    /// <inheritdoc/>
    public override CodeProfile Open(Bytecode code)
    {
        CodeProfile? profile;
        lock (_profiles)
        {
            if (!_profiles.TryGetValue(code.Hash, out profile))
            {
                if (_profiles.Count >= compiler.Options.MaxProfiles) Shrink();
                profile = new CodeProfile { ReportAt = compiler.ThresholdOf(code.Length) };
                _profiles.Add(code.Hash, profile);
            }
        }

        if (compiler.Options.Mode == CompilationMode.FirstSight) compiler.CompileNow(new CompilationJob(this, profile, code));
        return profile;
    }

    /// <inheritdoc/>
    public override void Report(CodeProfile profile, Bytecode code) => compiler.Enqueue(new CompilationJob(this, profile, code));

    private void Shrink()
    {
        foreach ((Hash256 hash, CodeProfile profile) in _profiles.ToArray())
        {
            if (profile.Compiled is null) _profiles.Remove(hash);
        }
    }
}
