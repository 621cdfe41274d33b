using Xunit.Abstractions;
using Xunit.Sdk;

namespace Opal.Testing;

/// <summary>Names the cases of docs/conformance.md (D-… and V-…) that a test decides. The test runner sees them as traits: <c>--filter case=D-FR-02</c>.</summary>
/// <param name="ids">The ids, with a space between them.</param>
[TraitDiscoverer("Opal.Testing.CaseDiscoverer", "Opal.Testing")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class CaseAttribute(string ids) : Attribute, ITraitAttribute
{
    /// <summary>The ids, with a space between them.</summary>
    public string Ids { get; } = ids;
}

/// <summary>Gives the runner a trait for every id of a <see cref="CaseAttribute"/>.</summary>
public sealed class CaseDiscoverer : ITraitDiscoverer
{
    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> GetTraits(IAttributeInfo traitAttribute)
    {
        foreach (object? argument in traitAttribute.GetConstructorArguments())
        {
            foreach (string id in ((string)argument!).Split(' ', StringSplitOptions.RemoveEmptyEntries)) yield return new KeyValuePair<string, string>("case", id);
        }
    }
}
