using Opal.Cli.Geth;
using Opal.Cli.Tests.Flags;

namespace Opal.Cli.Tests.Geth;

public sealed class GethDocumentationTests
{
    [Fact]
    public void The_role_page_and_the_help_list_every_flag_as_the_program_does() => FlagChecks.AreDocumented(GethFlags.Table, "execution.md");
}
