using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Cli.Doctor.CheckStatus;

namespace Opal.Cli.Tests.Doctor;

/// <summary>What can be wrong with the execution client.</summary>
internal static class BadEngineCases
{
    private const ulong Now = DoctorWorld.T0 + (12 * DoctorWorld.HeadL1) + 5;

    public static IEnumerable<BadCase> All() =>
    [
        new("engine.jwt-file", "no file", Failed, "no such JWT secret file", "--authrpc.jwtsecret", static w => w.Flag("--l2.jwt-secret=" + w.Folder.PathOf("none.txt"))),
        new("engine.jwt-file", "too short", Failed, "64 hexadecimal digits", "openssl rand", static w => w.Flag("--l2.jwt-secret=" + w.Folder.Write("short.txt", "abcd"))),
        new("engine.jwt-file", "a bad value", Failed, "--l2.jwt-secret-value", "--l2.jwt-secret", static w => w.Flag("--l2.jwt-secret-value=xyz")),
        new("engine.jwt-file", "not given", Failed, "no secret", "--l2.jwt-secret=jwt.txt", static w => w.Without("l2.jwt-secret")),
        new("engine.jwt-mode", "for everybody", Warning, "mode 644", "chmod 600", static w => File.SetUnixFileMode(w.Jwt, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead)),
        new("engine.reachable", "down", Failed, "nothing listens there", "--authrpc.port", static w => w.Engine.GoDown()),
        new("engine.reachable", "another server", Failed, "HTTP status 404", "8551", static w => w.Engine.AnswerStatus(404, "not found")),
        new("engine.host", "a name it does not know", Failed, "invalid host specified", "--authrpc.vhosts", static w => w.Engine.AnswerStatus(403, "invalid host specified")),
        new("engine.jwt-accepted", "another secret", Failed, "401", "--authrpc.jwtsecret there", static w => w.Engine.AnswerStatus(401, "signature is invalid")),
        new("engine.jwt-accepted", "clocks apart", Failed, "stale token", "NTP", static w => w.Engine.AnswerStatus(401, "stale token")),
        new("engine.chain-id", "another chain", Failed, "serves chain 5", "correct --l2", static w => w.Engine.Answer("eth_chainId", "\"0x5\"")),
        new("engine.chain-id", "L1", Failed, "serves L1", "correct --l2", static w => w.Engine.Answer("eth_chainId", DoctorWorld.Quantity(DoctorWorld.L1Chain))),
        new("engine.genesis", "another", Failed, "rollup.json says", "initialise", static w => w.Rollup = w.Rollup with { GenesisL2 = w.Rollup.GenesisL2 with { Hash = Keccak256.Hash([5]) } }),
        new("engine.genesis", "not there", Warning, "does not have block 0", "sync", static w => w.Engine.Answer("eth_getBlockByNumber", "null")),
        new("engine.capabilities", "an old client", Failed, "engine_newPayloadV4", "update the execution client", static w => w.Engine.Answer("engine_exchangeCapabilities", """["engine_forkchoiceUpdatedV3","engine_newPayloadV3","engine_getPayloadV4"]""")),
        new("engine.capabilities", "the plain RPC", Failed, "no engine_*", "8551", static w => w.Engine.Forget("engine_exchangeCapabilities")),
        new("engine.capabilities", "lacks the next fork's", Warning, "engine_getPayloadV5", "before then", static w =>
        {
            w.Rollup = w.Rollup with { Forks = w.Rollup.Forks with { Karst = Now + 50_000 } };
            w.Engine.Answer("engine_exchangeCapabilities", """["engine_forkchoiceUpdatedV3","engine_newPayloadV4","engine_getPayloadV4"]""");
        }),
        new("engine.client", "silent", Warning, "does not say", "--l2.eth", static w => { w.HasEth = false; w.Engine.Forget("engine_getClientVersionV1"); w.Engine.Forget("web3_clientVersion"); }),
        new("engine.fork-times", "another Jovian", Failed, "Jovian is never in the engine", "--override", static w => w.EngineForks = w.Rollup.Forks with { Jovian = null }),
        new("engine.fork-times", "another time in eth_config", Failed, "next fork activates at 1950000000", "--override", static w =>
        {
            w.HasEth = false;
            w.Engine.Answer("eth_config", """{"current":{"activationTime":0},"next":{"activationTime":1950000000},"last":null}""");
        }),
        new("engine.fork-times", "nothing to come in eth_config", Warning, "names none to come", "--override", static w =>
        {
            w.HasEth = false;
            w.Rollup = w.Rollup with { Forks = w.Rollup.Forks with { Karst = Now + 50_000 } };
        }),
        new("engine.syncing", "syncing", Warning, "syncing", "wait", static w => w.Engine.Answer("eth_syncing", """{"currentBlock":"0x1"}""")),
        new("engine.head", "another time", Failed, "has the time", "--rollup.config", static w => w.Engine.Answer("eth_getBlockByNumber", given => DoctorWorld.Json(w.L2Block(1_801, time: 99), given[1].GetBoolean()))),
        new("engine.head", "no block of a rollup", Failed, "does not begin with a deposit", "genesis.json", static w => w.Engine.Answer("eth_getBlockByNumber", DoctorWorld.Json(new Block { Header = w.L2Block(1_801).Header, Withdrawals = [] }, true))),
        new("engine.heads", "safe above newest", Failed, "safe block 1900 is above", "debug_setHead", static w => w.SafeNumber = 1_900),
        new("engine.heads", "finalized above safe", Failed, "finalized block 1790 is above its safe", "debug_setHead", static w => w.FinalizedNumber = 1_790),
        new("engine.l1-origin", "another L1", Failed, "L1 has", "another L1", static w =>
        {
            Block foreign = Foreign(w);
            w.Engine.Answer("eth_getBlockByNumber", given => DoctorWorld.Json(foreign, given[1].GetBoolean()));
        }),
        new("engine.l1-origin", "L1 behind", Warning, "is not there", "wait until it has synced", static w => w.L1Head = DoctorWorld.SafeOrigin - 10),
        new("engine.head-age", "hours", Warning, "old", "opal status", static w => w.UnsafeNumber = 100),
        new("engine.latency", "a second", Warning, "1000 ms", "same machine", static w => w.Engine.Before = () => w.Time.Advance(TimeSpan.FromSeconds(1))),
        new("engine.plain-rpc", "another chain", Failed, "serves chain 5", "--l2.eth", static w => w.Eth.Answer("eth_chainId", "\"0x5\"")),
        new("engine.plain-rpc", "another genesis", Failed, "another block 0", "--l2.eth", static w => w.Eth.Answer("eth_getBlockByNumber", DoctorWorld.Json(w.L2Block(0, time: 1), false))),
        new("engine.plain-rpc", "down", Failed, "nothing listens there", "--l2.eth", static w => w.Eth.GoDown()),
    ];

    /// <summary>The safe block of a chain whose L1 forked away.</summary>
    private static Block Foreign(DoctorWorld w)
    {
        ulong before = w.ForkedFrom;
        w.ForkedFrom = 0;
        Block block = w.L2Block(1_770);
        w.ForkedFrom = before;
        return block;
    }
}
