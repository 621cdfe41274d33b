using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Opal.Primitives;

namespace Opal.Cli.EvmTool.Transition;

/// <summary>Writes the outputs of a transition where the flags direct them.</summary>
internal static class TransitionOutput
{
    private delegate void WriteJson(Utf8JsonWriter writer);

    /// <summary>Writes them.</summary>
    /// <exception cref="TransitionException">A file cannot be written.</exception>
    public static void Write(TransitionOptions options, TransitionResult result, TextWriter stdout, TextWriter stderr)
    {
        (string Name, string Target, bool Indented, WriteJson Json)[] outputs =
        [
            ("alloc", options.OutputAlloc, false, writer => WriteAlloc(writer, result.State)),
            ("body", options.OutputBody, true, writer => writer.WriteStringValue(Hex.Encode(Body(result)))),
            ("result", options.OutputResult, true, writer => TransitionJson.Write(writer, result)),
        ];
        foreach ((string _, string target, bool indented, WriteJson json) in outputs)
        {
            if (target is not ("" or "stdout" or "stderr")) Save(Path.Combine(options.OutputBaseDir, target), Render(json, indented, 1));
        }

        foreach ((string name, TextWriter writer) in (ReadOnlySpan<(string, TextWriter)>)[("stdout", stdout), ("stderr", stderr)])
        {
            var wanted = outputs.Where(o => o.Target == name).ToArray();
            if (wanted.Length > 0) writer.WriteLine(Render(json => WriteAll(json, wanted.Select(o => (o.Name, o.Json))), indented: true, 2));
        }
    }

    private static void WriteAll(Utf8JsonWriter writer, IEnumerable<(string Name, WriteJson Json)> outputs)
    {
        writer.WriteStartObject();
        foreach ((string name, WriteJson json) in outputs)
        {
            writer.WritePropertyName(name);
            json(writer);
        }

        writer.WriteEndObject();
    }

    private static string Render(WriteJson json, bool indented, int indentSize)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = indented, IndentSize = indentSize, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json(writer);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Save(string path, string text)
    {
        try
        {
            File.WriteAllText(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TransitionException(TransitionException.Io, $"failed writing output {path}: {e.Message}", e);
        }
    }

    /// <summary>The RLP list of the block's transactions.</summary>
    private static byte[] Body(TransitionResult result)
    {
        var writer = new RlpWriter();
        int list = writer.BeginList();
        foreach (Protocol.Transaction transaction in result.Block.Block.Transactions)
        {
            if (transaction.Type == Protocol.TransactionType.Legacy) writer.WriteRaw(transaction.Encoded);
            else writer.WriteBytes(transaction.Encoded);
        }

        writer.EndList(list);
        return writer.ToArray();
    }

    private static void WriteAlloc(Utf8JsonWriter writer, PostState state)
    {
        writer.WriteStartObject();
        foreach ((Address address, PostState.Entry account) in state.Accounts)
        {
            writer.WriteStartObject(address.ToString());
            if (account.Code.Length > 0) writer.WriteString("code", Hex.Encode(account.Code));
            if (account.Storage.Count > 0)
            {
                writer.WriteStartObject("storage");
                foreach ((UInt256 slot, UInt256 value) in account.Storage) writer.WriteString(Hex.Encode(slot.ToBigEndianArray()), Hex.Encode(value.ToBigEndianArray()));
                writer.WriteEndObject();
            }

            writer.WriteString("balance", account.Account.Balance.ToQuantity());
            if (account.Account.Nonce > 0) writer.WriteString("nonce", Hex.Quantity(account.Account.Nonce));
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
