namespace Opal.JsonRpc;

/// <summary>A JSON value is not what its place asks for. The message names the field and says what was expected, in one line.</summary>
/// <remarks>Raised by the readers of <see cref="JsonValue"/>; servers answer it with -32602, clients report the answer as malformed, file readers name the file.</remarks>
public sealed class JsonFormatException(string message) : Exception(message);
