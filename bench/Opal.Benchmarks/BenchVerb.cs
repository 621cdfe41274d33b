using System.CommandLine;

namespace Opal.Benchmarks;

/// <summary>`opal bench …`: measures execution beside a peer, checking every result.</summary>
public static class BenchVerb
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print the figures as one JSON array." };

    private static readonly Option<string> Filter = new("--filter")
    {
        Description = "Only workloads whose group/name contains this.",
        DefaultValueFactory = _ => "",
    };

    private static readonly Option<string?> Peer = new("--peer")
    {
        Description = "anvil, anvil=PATH or none. By default anvil, where it is installed.",
    };

    /// <summary>The verb with its parts.</summary>
    public static Command Create() => new("bench", "Measures execution beside a peer. Workloads: the folder OPAL_BENCH, else ../shared/bench beside the repository.")
    {
        CreateEvm(),
        CreateBlocks(),
        CreatePrimitives(),
        CreateImport(),
        CreateRpc(),
        CreateDerivation(),
        CreateBatcher(),
        CreateRpcServe(),
    };

    private static Command CreateEvm()
    {
        var seconds = new Option<double>("--seconds") { Description = "Time for each workload, and as much for the peer.", DefaultValueFactory = _ => 0.5 };
        var group = new Option<string?>("--group") { Description = "Only this group." };
        var engine = new Option<string>("--engine") { Description = "bytes, decoded, compiled or auto.", DefaultValueFactory = _ => "auto" };
        var command = new Command("evm", "Message calls: interpreter, precompiles, journal.") { Json, Filter, group, seconds, engine, Peer };
        command.SetAction(parsed => EvmCommand.Run(
            new EvmCommand.Options(
                parsed.GetValue(Filter)!, parsed.GetValue(group), parsed.GetValue(engine)!, parsed.GetValue(seconds), parsed.GetValue(Peer), parsed.GetValue(Json)),
            BenchOutput.OfConsole()));
        return command;
    }

    private static Command CreateBlocks()
    {
        var accounts = new Option<string>("--accounts") { Description = "Numbers of filler accounts, separated by commas.", DefaultValueFactory = _ => "0,1M" };
        var variants = new Option<string>("--variants") { Description = "A (exec), B (exec+root), C (import), D (build).", DefaultValueFactory = _ => "ABCD" };
        var runs = new Option<int>("--runs") { Description = "How often each list is run after a warm-up.", DefaultValueFactory = _ => 3 };
        var command = new Command("blocks", "Blocks of transactions: execution, state root, import, building.") { Json, Filter, accounts, variants, runs, Peer };
        command.SetAction(parsed => BlocksCommand.Run(
            parsed.GetValue(Filter)!, parsed.GetValue(accounts)!, parsed.GetValue(variants)!, parsed.GetValue(runs), parsed.GetValue(Peer), parsed.GetValue(Json), BenchOutput.OfConsole()));
        return command;
    }

    private static Command CreatePrimitives()
    {
        var seconds = new Option<double>("--seconds") { Description = "Time for each primitive.", DefaultValueFactory = _ => 0.5 };
        var accounts = new Option<string>("--accounts") { Description = "Sizes of the tries to build, separated by commas.", DefaultValueFactory = _ => "100k,1M" };
        var entries = new Option<string>("--entries") { Description = "Entries in the store's table: 1M or 10M.", DefaultValueFactory = _ => "1M" };
        var command = new Command("primitives", "Keccak, sender recovery, decoding, tries, the store.") { Json, Filter, seconds, accounts, entries };
        command.SetAction(parsed => PrimitivesCommand.Run(
            parsed.GetValue(Filter)!, parsed.GetValue(seconds), parsed.GetValue(accounts)!, parsed.GetValue(entries)!, parsed.GetValue(Json), BenchOutput.OfConsole()));
        return command;
    }

    private static Command CreateImport()
    {
        var accounts = new Option<string>("--accounts") { Description = "Numbers of filler accounts, separated by commas: 100k,1M,10M.", DefaultValueFactory = _ => "100k,1M" };
        var command = new Command("import", "Blocks imported into the node's own database on disk.") { Json, Filter, accounts, Peer };
        command.SetAction(parsed => ImportCommand.Run(parsed.GetValue(Filter)!, parsed.GetValue(accounts)!, parsed.GetValue(Peer), parsed.GetValue(Json), BenchOutput.OfConsole()));
        return command;
    }

    private static Command CreateRpc()
    {
        var accounts = new Option<string>("--accounts") { Description = "Filler accounts in the state: 100k, 1M or 10M.", DefaultValueFactory = _ => "100k" };
        var seconds = new Option<double>("--seconds") { Description = "Measured time for each workload, and as much for the peer.", DefaultValueFactory = _ => 5 };
        var warmUp = new Option<double>("--warm-up") { Description = "Seconds of load before it.", DefaultValueFactory = _ => 2 };
        var command = new Command("rpc", "JSON-RPC over loopback HTTP: requests a second and latency, 32 connections.") { Json, Filter, accounts, seconds, warmUp, Peer };
        command.SetAction(parsed => RpcCommand.Run(
            parsed.GetValue(Filter)!, parsed.GetValue(accounts)!, parsed.GetValue(warmUp), parsed.GetValue(seconds), parsed.GetValue(Peer), parsed.GetValue(Json), BenchOutput.OfConsole()));
        return command;
    }

    private static Command CreateDerivation()
    {
        var blocks = new Option<ulong>("--blocks") { Description = "L2 blocks of a run; a tenth where they have many transactions, a twentieth of that where they are executed.", DefaultValueFactory = _ => 100_000 };
        var runs = new Option<int>("--runs") { Description = "Runs of each after a warm-up; the long chain is derived once.", DefaultValueFactory = _ => 3 };
        var command = new Command("derivation", "L2 blocks derived from L1: decoding, the pipeline alone, with an engine, and a long chain by a whole node.") { Json, Filter, blocks, runs };
        command.SetAction((parsed, _) => DerivationCommand.RunAsync(
            new DerivationCommand.Options(parsed.GetValue(Filter)!, parsed.GetValue(blocks), parsed.GetValue(runs), parsed.GetValue(Json)), BenchOutput.OfConsole()));
        return command;
    }

    private static Command CreateBatcher()
    {
        var megabytes = new Option<int>("--megabytes") { Description = "Raw transaction bytes of a run where a load is made, in MB; for fill as many for each blob.", DefaultValueFactory = _ => 4 };
        var runs = new Option<int>("--runs") { Description = "Runs of each after a warm-up; fill is counted once.", DefaultValueFactory = _ => 3 };
        var command = new Command("batcher", "Channels: size of real batches encoded again, speed of building, fill of blobs.") { Json, Filter, megabytes, runs };
        command.SetAction(parsed => BatcherCommand.Run(new BatcherCommand.Options(parsed.GetValue(Filter)!, parsed.GetValue(megabytes), parsed.GetValue(runs), parsed.GetValue(Json)), BenchOutput.OfConsole()));
        return command;
    }

    /// <summary>The node that `bench rpc` asks.</summary>
    private static Command CreateRpcServe()
    {
        var accounts = new Option<int>("--accounts");
        var import = new Option<bool>("--import");
        var command = new Command("rpc-serve", "The node that `bench rpc` starts.") { accounts, import };
        command.Hidden = true;
        command.SetAction((parsed, _) => RpcServer.RunAsync(parsed.GetValue(accounts), parsed.GetValue(import), Console.Out, Console.In));
        return command;
    }
}
