using System.Globalization;
using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Counts function selectors with the size of the rest of the call data: <c>{"0x27dc297e-128": 1}</c>.</summary>
internal sealed class FourByteTracer : TransactionTracer
{
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);

    public override void EnterFrame(in FrameEntry frame)
    {
        bool isCall = frame.Kind is CallKind.Call or CallKind.CallCode or CallKind.DelegateCall or CallKind.StaticCall;
        if (!isCall || frame.IsPrecompile || frame.Input.Length < 4) return;
        string key = $"{Hex.Encode(frame.Input[..4])}-{(frame.Input.Length - 4).ToString(CultureInfo.InvariantCulture)}";
        _counts[key] = _counts.GetValueOrDefault(key) + 1;
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach ((string key, int count) in _counts) json.WriteNumber(key, count);
        json.WriteEndObject();
    }
}
