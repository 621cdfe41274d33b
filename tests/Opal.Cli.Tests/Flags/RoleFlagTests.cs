using Opal.Cli.Flags;

namespace Opal.Cli.Tests.Flags;

/// <summary>What holds of every flag of a role.</summary>
/// <remarks>The flag that fails is named by <c>Assert.All</c>.</remarks>
public abstract class RoleFlagTests
{
    private readonly FlagTable _table;
    private readonly string _page;
    private readonly string[] _folders;

    /// <param name="table">The role's flags.</param>
    /// <param name="page">Its page in docs.</param>
    /// <param name="folders">The folders of src/Opal.Cli that read them.</param>
    private protected RoleFlagTests(FlagTable table, string page, params string[] folders) => (_table, _page, _folders) = (table, page, folders);

    [Fact]
    public void Every_flag_is_taken_by_each_of_its_names_and_variables_with_the_effect_it_states() => Assert.All(_table.All, flag => FlagChecks.IsTakenByEachName(_table, flag.Name));

    [Fact]
    public void Every_value_is_read_as_its_kind_from_the_environment_and_the_command_line_is_stronger() => Assert.All(_table.All, flag => FlagChecks.IsReadAsItsKind(_table, flag.Name));

    [Fact]
    public void Every_flag_has_a_good_default_a_group_and_a_variable_of_its_own() => FlagChecks.AreWellFormed(_table);

    [Fact]
    public void Every_flag_that_acts_is_read_by_the_program() => Assert.All(_table.All, flag => FlagChecks.IsReadByTheProgram(_table, flag.Name, _folders));

    [Fact]
    public void The_role_page_and_the_help_list_every_flag_as_the_program_does() => FlagChecks.AreDocumented(_table, _page);
}
