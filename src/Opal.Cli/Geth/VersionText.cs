using System.Reflection;
using System.Runtime.InteropServices;
using Opal.Protocol;

namespace Opal.Cli.Geth;

/// <summary>Who this program is.</summary>
internal static class VersionText
{
    /// <summary>The version without its commit: <c>0.1.0</c>.</summary>
    public static string Version { get; } = Full.Split('+')[0];

    /// <summary>What <c>web3_clientVersion</c> answers: <c>Opal/v0.1.0/linux-x64/dotnet10.0.0</c>.</summary>
    public static string ClientName(string? identity) =>
        $"Opal/{(identity is null ? "" : identity + "/")}v{Version}/{RuntimeInformation.RuntimeIdentifier}/dotnet{Environment.Version}";

    private static string Full => typeof(VersionText).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";

    /// <summary>Writes version, commit and forks.</summary>
    public static int Print(TextWriter output)
    {
        string[] parts = Full.Split('+');
        output.WriteLine("Opal");
        output.WriteLine($"Version: {parts[0]}");
        if (parts.Length > 1) output.WriteLine($"Git Commit: {parts[1]}");
        output.WriteLine($"Architecture: {RuntimeInformation.RuntimeIdentifier}");
        output.WriteLine($".NET Version: {Environment.Version}");
        output.WriteLine($"Forks: {string.Join(", ", Enum.GetNames<OptimismFork>())}");
        return 0;
    }

    /// <summary>Writes the license.</summary>
    public static int PrintLicense(TextWriter output)
    {
        using Stream? text = typeof(VersionText).Assembly.GetManifestResourceStream("LICENSE");
        using var reader = new StreamReader(text ?? throw new InvalidOperationException("the program was built without its license"));
        output.Write(reader.ReadToEnd());
        return 0;
    }
}
