using System.Text.Json;
using Opal.Cli.Batches;

namespace Opal.Cli.Tests.Batches;

/// <summary>A run of <c>opal batch decode</c> and what it printed.</summary>
internal sealed record DecodeRun(int Code, string Output, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public JsonElement Channel => Assert.Single(Json.GetProperty("channels").EnumerateArray());

    public JsonElement Batch => Assert.Single(Channel.GetProperty("batches").EnumerateArray());

    public string[] Problems => [.. Json.GetProperty("problems").EnumerateArray().Select(static problem => problem.GetString()!)];

    public static async Task<DecodeRun> OfAsync(DecodeOptions options, byte[]? stdin = null)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await DecodeCommand.RunAsync(options, new MemoryStream(stdin ?? []), output, error, CancellationToken.None);
        return new DecodeRun(code, output.ToString(), error.ToString());
    }

    /// <summary>JSON of files.</summary>
    public static Task<DecodeRun> JsonOfAsync(string? network, params string[] files) => OfAsync(new DecodeOptions { Json = true, Network = network, Files = files });

    /// <summary>Tables of files.</summary>
    public static Task<DecodeRun> TextOfAsync(string? network, params string[] files) => OfAsync(new DecodeOptions { Network = network, Files = files });
}
