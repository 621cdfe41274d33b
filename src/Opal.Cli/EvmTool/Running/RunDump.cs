using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.EvmTool.Running;

/// <summary>Prints the state after a run in the form of geth's dump.</summary>
internal static class RunDump
{
    public static void Write(RunMachine machine, RunPrestate prestate, TextWriter stdout)
    {
        var state = new PostState(prestate.Accounts);
        Hash256 root = machine.Apply(state);
        var store = ToolAlloc.ToStore(state.ToAccounts(), out Hash256 again);
        if (again != root) throw new InvalidOperationException($"the dumped accounts have the root {again}, the state has {root}");
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, IndentSize = 4, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("root", root.ToString()[2..]);
            writer.WriteStartObject("accounts");
            foreach ((Address address, PostState.Entry account) in state.Accounts.OrderBy(a => a.Key.ToChecksumString(), StringComparer.Ordinal))
            {
                WriteAccount(writer, address, account, store.Open(root)!.GetStorageRoot(address));
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        stdout.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static void WriteAccount(Utf8JsonWriter writer, Address address, PostState.Entry account, Hash256 storageRoot)
    {
        writer.WriteStartObject(address.ToChecksumString());
        writer.WriteString("balance", account.Account.Balance.ToString());
        writer.WriteNumber("nonce", account.Account.Nonce);
        writer.WriteString("root", storageRoot.ToString());
        writer.WriteString("codeHash", account.Account.CodeHash.ToString());
        if (account.Code.Length > 0) writer.WriteString("code", Hex.Encode(account.Code));
        if (account.Storage.Count > 0)
        {
            writer.WriteStartObject("storage");
            foreach ((UInt256 slot, UInt256 value) in account.Storage)
            {
                string digits = value.ToQuantity()[2..];
                writer.WriteString(Hex.Encode(slot.ToBigEndianArray()), digits.Length % 2 == 0 ? digits : "0" + digits);
            }

            writer.WriteEndObject();
        }

        writer.WriteString("address", address.ToString());
        writer.WriteString("key", address.Keccak().ToString());
        writer.WriteEndObject();
    }
}
