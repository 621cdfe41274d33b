using System.Text;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.JsonRpc.Tests;

public class UpgradeBundleFileTests
{
    private const string Good = """{"metadata":{"version":"1.0.0"},"transactions":[{"intent":"a","from":"0x4210000000000000000000000000000000000000","to":null,"data":"0x01","gasLimit":1000}]}""";

    private static UpgradeBundle Parse(string text) => UpgradeBundleFile.Parse("bundle.json", Encoding.UTF8.GetBytes(text), OptimismFork.Karst);

    [Theory]
    [InlineData("\"1.0.0\"", "\"1.0.1\"", "version 1.0.0")]
    [InlineData("\"1.0.0\"", "\"2.0.0\"", "version 1.0.0")]
    [InlineData("\"metadata\":{\"version\":\"1.0.0\"},", "", "metadata")]
    [InlineData("\"intent\":\"a\",", "", "intent")]
    [InlineData("\"intent\":\"a\"", "\"intent\":\"\"", "intent")]
    [Case("D-UP-04")]
    public void A_bundle_of_another_version_or_with_a_transaction_without_intent_is_refused(string part, string instead, string said)
    {
        Assert.Single(Parse(Good).Transactions);
        Assert.Contains(said, Assert.Throws<ConfigFileException>(() => Parse(Good.Replace(part, instead, StringComparison.Ordinal))).Message);
    }
}
