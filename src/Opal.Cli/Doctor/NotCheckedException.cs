namespace Opal.Cli.Doctor;

/// <summary>A check cannot be made: what it needs is not there. The message says what.</summary>
internal sealed class NotCheckedException(string why) : Exception(why);
