using System.Text.Json;
using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>The <c>txmgr</c> namespace, as op-service serves it: amounts are JSON numbers of wei, times JSON numbers of nanoseconds.</summary>
internal static class TxManagerRpc
{
    private const long NanosecondsPerTick = 100;

    public static void Register(RpcRegistry registry, LiveOptions live, ILogger logger)
    {
        Amount("MinBaseFee", static o => o.MinBaseFee, static (o, wei) => o with { MinBaseFee = wei });
        Amount("MinPriorityFee", static o => o.MinTip, static (o, wei) => o with { MinTip = wei });
        Amount("MinBlobFee", static o => o.MinBlobFee, static (o, wei) => o with { MinBlobFee = wei });
        Amount("FeeThreshold", static o => o.FeeLimitThreshold, static (o, wei) => o with { FeeLimitThreshold = wei });
        Time("RebroadcastInterval", static o => o.RebroadcastInterval, static (o, time) => o with { RebroadcastInterval = time }, zeroAllowed: true);
        Time("BumpFeeRetryTime", static o => o.ResubmissionTimeout, static (o, time) => o with { ResubmissionTimeout = time }, zeroAllowed: false);
        registry.Register("txmgr_getBlobTipCapDynamic", _ => RpcResult.Bool(live.Current.BlobTipDynamic));
        registry.Register("txmgr_setBlobTipCapDynamic", parameters =>
        {
            bool isDynamic = parameters.GetBool(0);
            live.Change(options => options with { BlobTipDynamic = isDynamic });
            logger.LogInformation("{Option} of the transaction manager is now {Value}", "BlobTipCapDynamic", isDynamic);
            return RpcResult.Null;
        });

        void Amount(string name, Func<TxManagerOptions, UInt256> get, Func<TxManagerOptions, UInt256, TxManagerOptions> set)
        {
            registry.Register($"txmgr_get{name}", _ => Number(get(live.Current).ToString()));
            registry.Register($"txmgr_set{name}", parameters =>
            {
                UInt256 wei = parameters.Get(0, ReadAmount);
                live.Change(options => set(options, wei));
                logger.LogInformation("{Option} of the transaction manager is now {Wei} wei", name, wei);
                return RpcResult.Null;
            });
        }

        void Time(string name, Func<TxManagerOptions, TimeSpan> get, Func<TxManagerOptions, TimeSpan, TxManagerOptions> set, bool zeroAllowed)
        {
            registry.Register($"txmgr_get{name}", _ => Number((get(live.Current).Ticks * NanosecondsPerTick).ToString(System.Globalization.CultureInfo.InvariantCulture)));
            registry.Register($"txmgr_set{name}", parameters =>
            {
                ulong nanoseconds = parameters.GetNumber(0);
                if (nanoseconds > long.MaxValue || (nanoseconds < NanosecondsPerTick && !(zeroAllowed && nanoseconds == 0)))
                {
                    return RpcResult.Fail(RpcErrorCode.InvalidParams, $"invalid argument 0: a time in nanoseconds, at least {NanosecondsPerTick}{(zeroAllowed ? ", or 0 for never" : "")}");
                }

                TimeSpan time = TimeSpan.FromTicks((long)nanoseconds / NanosecondsPerTick);
                live.Change(options => set(options, time));
                logger.LogInformation("{Option} of the transaction manager is now {Seconds} s", name, time.TotalSeconds);
                return RpcResult.Null;
            });
        }
    }

    private static RpcResult Number(string digits) => RpcResult.Json(writer => writer.WriteRawValue(digits));

    private static UInt256 ReadAmount(JsonValue value)
    {
        if (value.Element.ValueKind != JsonValueKind.Number) return value.AsUInt256();
        string digits = value.Element.GetRawText();
        if (!digits.All(char.IsAsciiDigit) || !UInt256.TryParse(digits, out UInt256 wei)) throw new JsonFormatException("expected a whole number of wei below 2^256");
        return wei;
    }
}
