using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.Testing;

namespace Opal.Cli.Tests.Geth;

public sealed class GethDocumentationTests
{
    [Fact]
    public void The_role_page_lists_every_flag_as_the_program_does()
    {
        string page = File.ReadAllText(Path.Combine(Vectors.RepositoryRoot, "docs", "execution.md"));
        int from = page.IndexOf("a test compares -->\n", StringComparison.Ordinal) + "a test compares -->\n".Length, to = page.IndexOf("<!-- /flags -->", StringComparison.Ordinal);
        Assert.True(FlagHelp.Markdown(GethFlags.Table) == page[from..to], "docs/execution.md is behind: put the output of 'opal geth --help-markdown' between its flags marks");
    }

    [Fact]
    public void The_help_names_every_flag_and_its_variable()
    {
        string help = FlagHelp.Text(GethFlags.Table);
        foreach (FlagDefinition flag in GethFlags.Table.All)
        {
            Assert.Contains($"--{flag.Name}", help);
            Assert.Contains($"[{GethFlags.Table.VariableOf(flag.Name)}]", help);
        }
    }
}
