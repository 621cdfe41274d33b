using Opal.Evm;

namespace Opal.Compiler;

/// <summary>Code to compile. The bytecode object is an account's, whose bytes never change.</summary>
internal sealed record CompilationJob(RulesProfiles Profiles, CodeProfile Profile, Bytecode Code);
