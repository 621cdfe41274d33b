namespace Opal.Reliability.Tests;

/// <summary>These tests measure times and fill the machine: one after another.</summary>
[CollectionDefinition("one client at a time", DisableParallelization = true)]
public sealed class OneAtATime;
