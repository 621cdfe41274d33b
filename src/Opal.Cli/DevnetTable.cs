using Opal.Devnet;
using Opal.Primitives;
using Opal.TxManager;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Opal.Cli;

/// <summary>The devnet's state as one table on a terminal, or as one line elsewhere.</summary>
internal static class DevnetTable
{
    public static IRenderable Render(DevnetStatus status, DevnetDescription devnet, TimeSpan up)
    {
        ulong now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var heads = new Table().Border(TableBorder.Rounded).AddColumns("", "head", "safe", "finalized", "age");
        heads.AddRow("[bold]L1[/]", $"{status.L1Head.Number}", $"{status.L1Safe.Number}", $"{status.L1Finalized.Number}", Age(now, status.L1Head));
        heads.AddRow("[bold]L2 sequencer[/]", $"{status.Unsafe.Number}", WithLag(status.Safe, status.Unsafe), WithLag(status.Finalized, status.Unsafe), Age(now, status.Unsafe));
        if (status.VerifierSafe is { } verifier) heads.AddRow("[bold]L2 verifier[/]", "", WithLag(verifier, status.Unsafe), "", Age(now, verifier));

        var facts = new Grid().AddColumn().AddColumn();
        facts.AddRow("L2 RPC", devnet.L2Rpc.ToString().TrimEnd('/'));
        facts.AddRow("L1 RPC", devnet.L1Rpc.ToString().TrimEnd('/'));
        facts.AddRow("last batch", Markup.Escape(status.LastBatch.Length > 0 ? status.LastBatch : "none yet"));
        facts.AddRow("last proposal", Markup.Escape(status.LastProposal.Length > 0 ? status.LastProposal : "none yet"));
        foreach ((string role, UInt256 wei) in status.Balances) facts.AddRow(Markup.Escape(role), $"{EtherText.Cut(wei, 3)} ETH");
        facts.AddRow("fork", Markup.Escape(status.Fork));
        facts.AddRow("memory", $"{status.MemoryBytes / 1_000_000} MB");
        facts.AddRow("up", $"{(int)up.TotalHours:00}:{up.Minutes:00}:{up.Seconds:00}");
        if (status.Trouble.Length > 0) facts.AddRow("[yellow]trouble[/]", $"[yellow]{Markup.Escape(status.Trouble)}[/]");
        return new Rows(new Markup("[bold]opal devnet[/]  Ctrl-C stops"), heads, facts);
    }

    public static string Line(DevnetStatus status) =>
        $"L1 {status.L1Head.Number} (safe {status.L1Safe.Number}, finalized {status.L1Finalized.Number})  " +
        $"L2 unsafe {status.Unsafe.Number} safe {status.Safe.Number} finalized {status.Finalized.Number}" +
        (status.VerifierSafe is { } verifier ? $" verifier {verifier.Number}" : "") +
        $"  batch: {(status.LastBatch.Length > 0 ? status.LastBatch : "none")}  proposal: {(status.LastProposal.Length > 0 ? status.LastProposal : "none")}" +
        $"  {status.MemoryBytes / 1_000_000} MB" + (status.Trouble.Length > 0 ? $"  trouble: {status.Trouble}" : "");

    private static string Age(ulong now, HeadStatus head) => head.Timestamp == 0 ? "" : $"{(now > head.Timestamp ? now - head.Timestamp : 0)} s";

    private static string WithLag(HeadStatus head, HeadStatus tip) => $"{head.Number} [dim](-{(tip.Number > head.Number ? tip.Number - head.Number : 0)})[/]";
}
