using System.CommandLine;
using System.CommandLine.Parsing;
using Opal.Cli.Flags;
using Opal.Primitives;

namespace Opal.Cli.Batches;

/// <summary><c>opal batch</c>: looks at batches on L1.</summary>
internal static class BatchVerb
{
    public static Command Create() => new("batch", "Inspects batches on L1.") { CreateDecode() };

    private static Command CreateDecode()
    {
        var files = new Argument<string[]>("FILE") { Arity = ArgumentArity.ZeroOrMore, Description = "Batcher data, blobs, channels, signed transactions (binary or hexadecimal, gzip or not), JSON of frames or blobs; folders; - is standard input." };
        Option<Uri?> l1 = Url("--l1", "JSON-RPC of L1."), beacon = Url("--l1.beacon", "Beacon API of L1, for the data of blobs.");
        var rollup = new Option<string?>("--rollup.config") { Description = "The rollup's rollup.json." };
        var network = new Option<string?>("--network") { Description = "A built-in network in its place." };
        Option<Address?> inbox = Of<Address?>("--inbox", "The batch inbox, where no rollup is given.", TryAddress, "an address of 40 hexadecimal digits");
        Option<Address?> batcher = Of<Address?>("--batcher", "The batcher's address, by default the rollup's at genesis.", TryAddress, "an address of 40 hexadecimal digits");
        Option<ulong?> from = Of<ulong?>("--from", "The first L1 block.", TryNumber, "a block number"), to = Of<ulong?>("--to", "The last L1 block; by default L1's head.", TryNumber, "a block number");
        var transactions = new Option<Hash256[]>("--tx")
        {
            Description = "An L1 transaction in place of a range; may be given more than once.",
            CustomParser = static result =>
            {
                var read = new List<Hash256>();
                foreach (Token token in result.Tokens)
                {
                    if (Hash256.TryParse(token.Value, out Hash256 hash)) read.Add(hash);
                    else result.AddError($"--tx: '{token.Value}' is no transaction hash");
                }

                return [.. read];
            },
        };
        var json = new Option<bool>("--json") { Description = "Print everything as one JSON document." };
        var blocks = new Option<bool>("--blocks") { Description = "List every L2 block with the hashes of its transactions." };
        var verbose = new Option<bool>("--verbose") { Description = "Print whole hashes, and list the blocks." };
        var ofTransactions = new Option<bool>("--transactions") { Description = "Print the table of transactions; without any of the four all are printed." };
        var ofFrames = new Option<bool>("--frames") { Description = "Print the table of frames." };
        var ofChannels = new Option<bool>("--channels") { Description = "Print the table of channels." };
        var ofBatches = new Option<bool>("--batches") { Description = "Print the table of batches." };
        var command = new Command("decode", "Shows what a batcher posted: transactions, frames, channels, batches, and why something is not used.")
        {
            files, l1, beacon, rollup, network, inbox, batcher, from, to, transactions, json, blocks, verbose, ofTransactions, ofFrames, ofChannels, ofBatches,
        };
        command.SetAction((parsed, cancel) =>
        {
            bool t = parsed.GetValue(ofTransactions), f = parsed.GetValue(ofFrames), c = parsed.GetValue(ofChannels), b = parsed.GetValue(ofBatches);
            bool isVerbose = parsed.GetValue(verbose), all = !(t || f || c || b);
            var options = new DecodeOptions
            {
                Files = parsed.GetValue(files) ?? [],
                L1 = parsed.GetValue(l1),
                Beacon = parsed.GetValue(beacon),
                RollupFile = parsed.GetValue(rollup),
                Network = parsed.GetValue(network),
                Inbox = parsed.GetValue(inbox),
                Batcher = parsed.GetValue(batcher),
                From = parsed.GetValue(from),
                To = parsed.GetValue(to),
                Transactions = parsed.GetValue(transactions) ?? [],
                Json = parsed.GetValue(json),
                Levels = new ReportLevels(all || t, all || f, all || c, all || b, parsed.GetValue(blocks) || (isVerbose && all), isVerbose),
            };
            return DecodeCommand.RunAsync(options, Console.OpenStandardInput(), Console.Out, Console.Error, cancel);
        });
        return command;
    }

    private delegate bool Parser<T>(string text, out T value);

    private static bool TryAddress(string text, out Address? address)
    {
        bool isAddress = Address.TryParse(text, out Address read);
        address = isAddress ? read : null;
        return isAddress;
    }

    private static bool TryNumber(string text, out ulong? number)
    {
        bool isNumber = FlagText.TryNumber(text, out ulong read);
        number = isNumber ? read : null;
        return isNumber;
    }

    private static Option<T> Of<T>(string name, string description, Parser<T> parse, string form) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!parse(text, out T value)) result.AddError($"{name}: '{text}' is not {form}");
            return value;
        },
    };

    /// <summary>A URL may hold a key, so that the error does not repeat it.</summary>
    private static Option<Uri?> Url(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https") return url;
            result.AddError($"{name}: not a URL; write it as http://127.0.0.1:8545");
            return null;
        },
    };
}
