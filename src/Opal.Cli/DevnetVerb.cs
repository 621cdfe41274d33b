using System.CommandLine;
using System.CommandLine.Parsing;
using Opal.Devnet;
using Opal.JsonRpc;

namespace Opal.Cli;

/// <summary>`opal devnet`: a whole rollup in one process.</summary>
internal static class DevnetVerb
{
    public static Command Create()
    {
        var dataDirectory = new Option<string>("--datadir") { Description = "Folder of the devnet: its chains, devnet.json, deployments, genesis and keys.", DefaultValueFactory = _ => "opal-devnet" };
        Option<TimeSpan?> l1BlockTime = Duration("--l1-block-time", "Time between L1 blocks (embedded L1); 2s when left out.");
        Option<TimeSpan?> l2BlockTime = Duration("--l2-block-time", "Time between L2 blocks; 1s when left out.");
        var verifier = new Option<bool>("--verifier") { Description = "Run a second node that derives the chain from L1 alone." };
        var da = new Option<string>("--da") { Description = "Where batches go: blobs or calldata.", DefaultValueFactory = _ => "blobs" };
        da.AcceptOnlyFromAmong("blobs", "calldata");
        var proofs = new Option<string>("--proofs") { Description = "How withdrawals are proven: output-oracle or games (dispute games with short clocks).", DefaultValueFactory = _ => "output-oracle" };
        proofs.AcceptOnlyFromAmong("output-oracle", "games");
        Option<Uri?> l1 = Url("--l1", "JSON-RPC of an L1 that runs already (its test accounts must be funded).");
        Option<Uri?> beacon = Url("--l1-beacon", "Beacon API of that L1; needed for blobs.");
        var offset = new Option<int>("--port-offset") { Description = "Added to every default port." };
        var ephemeral = new Option<bool>("--ephemeral") { Description = "Keep all chains in memory: the next start begins anew." };
        var bundles = new Option<string?>("--upgrade-bundles") { Description = "File with the network upgrade transactions (else OPAL_UPGRADE_BUNDLES, else the data directory)." };
        var command = new Command("devnet", "Runs an L1, the official contracts, a sequencer, a batcher and a proposer in one process.")
        {
            dataDirectory, l1BlockTime, l2BlockTime, verifier, da, proofs, l1, beacon, offset, ephemeral, bundles,
        };
        command.SetAction((parsed, cancel) => DevnetCommand.RunAsync(
            new DevnetOptions
            {
                DataDirectory = Path.GetFullPath(parsed.GetValue(dataDirectory)!),
                L1BlockTime = parsed.GetValue(l1BlockTime) ?? TimeSpan.FromSeconds(2),
                L2BlockTime = parsed.GetValue(l2BlockTime) ?? TimeSpan.FromSeconds(1),
                Verifier = parsed.GetValue(verifier),
                DataAvailability = parsed.GetValue(da) == "calldata" ? DataAvailability.Calldata : DataAvailability.Blobs,
                Proofs = parsed.GetValue(proofs) == "games" ? WithdrawalProofs.Games : WithdrawalProofs.OutputOracle,
                L1Rpc = parsed.GetValue(l1),
                L1Beacon = parsed.GetValue(beacon),
                PortOffset = parsed.GetValue(offset),
                Ephemeral = parsed.GetValue(ephemeral),
                UpgradeBundles = parsed.GetValue(bundles),
            },
            cancel));
        return command;
    }

    private static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            if (DurationText.TryParse(result.Tokens[0].Value, out TimeSpan duration)) return duration;
            result.AddError($"{name}: '{result.Tokens[0].Value}' is no duration; write it as 300ms, 2s or 1m30s");
            return null;
        },
    };

    private static Option<Uri?> Url(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https") return url;
            result.AddError($"{name}: '{result.Tokens[0].Value}' is no URL; write it as http://127.0.0.1:8545");
            return null;
        },
    };
}
