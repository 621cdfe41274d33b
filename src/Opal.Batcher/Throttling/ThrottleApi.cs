using System.Text.Json;
using Opal.JsonRpc;

namespace Opal.Batcher;

/// <summary>Looking at and changing the throttle's controller over RPC, as op-batcher does it.</summary>
internal static class ThrottleApi
{
    private static readonly string[] s_names = ["step", "linear", "quadratic", "pid"];

    public static string NameOf(ThrottleControllerType type) => s_names[(int)type];

    public static void Register(RpcRegistry registry, SequencerThrottle throttle, ThrottleOptions options)
    {
        registry.Register("admin_getThrottleController", _ => RpcResult.Json(writer => Write(writer, throttle.Status, options)));
        registry.Register("admin_setThrottleController", parameters =>
        {
            string name = parameters.GetString(0);
            int type = Array.IndexOf(s_names, name);
            if (type < 0) throw RpcException.Refused($"there is no throttle controller \"{name}\": use one of {string.Join(", ", s_names)}");
            var wanted = (ThrottleControllerType)type;
            PidOptions? pid = parameters.GetOrNull(1, ReadPid);
            if (wanted == ThrottleControllerType.Pid && pid is null) throw RpcException.Refused("the pid controller needs its constants as second parameter: kp, ki, kd, integral_max, output_max, sample_time");
            return throttle.SetController(wanted, pid) is { } fault ? RpcResult.Fail(RpcErrorCode.ServerError, fault) : RpcResult.Null;
        });
        registry.Register("admin_resetThrottleController", _ =>
        {
            throttle.Reset();
            return RpcResult.Null;
        });
    }

    private static void Write(Utf8JsonWriter writer, ThrottleStatus status, ThrottleOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, NameOf(status.Controller));
        writer.WriteNumber("lower_threshold"u8, options.LowerThreshold);
        writer.WriteNumber("upper_threshold"u8, options.UpperThreshold);
        writer.WriteNumber("current_load"u8, status.BacklogBytes);
        writer.WriteNumber("intensity"u8, status.Limits.Intensity);
        writer.WriteNumber("max_tx_size"u8, status.Limits.TransactionBytes);
        writer.WriteNumber("max_block_size"u8, status.Limits.BlockBytes);
        writer.WriteEndObject();
    }

    private static PidOptions ReadPid(JsonValue value) => new()
    {
        Proportional = Number(value, "kp"),
        Integral = Number(value, "ki"),
        Derivative = Number(value, "kd"),
        IntegralMax = Number(value, "integral_max"),
        OutputMax = Number(value, "output_max"),
        SampleTime = value["sample_time"] is var time && DurationText.TryParse(time.AsString(), out TimeSpan duration) ? duration : throw time.Fault("expected a duration such as \"2s\""),
    };

    /// <summary>A number that is absent is 0, as in Go.</summary>
    private static double Number(JsonValue value, string field)
    {
        if (!value.TryGet(field, out JsonValue found)) return 0;
        return found.Element.ValueKind == JsonValueKind.Number && found.Element.TryGetDouble(out double number) ? number : throw found.Fault("expected a number");
    }
}
