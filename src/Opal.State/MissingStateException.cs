namespace Opal.State;

/// <summary>The state lacks something that was asked of it: a pre-image that a witness should have had, or a damaged node.</summary>
public sealed class MissingStateException(string message) : Exception(message);
