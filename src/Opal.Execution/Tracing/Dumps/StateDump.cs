using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.State;

namespace Opal.Execution;

/// <summary>An account of a dump.</summary>
/// <param name="Entry">Its key and values.</param>
/// <param name="Address">Its address; null where only the hash is known.</param>
/// <param name="Code">Its code; empty for none, and where it was not asked for.</param>
/// <param name="Storage">Its slots whose positions are known.</param>
internal sealed record DumpedAccount(StateAccountEntry Entry, Address? Address, ReadOnlyMemory<byte> Code, IReadOnlyList<(UInt256 Slot, UInt256 Value)> Storage);

/// <summary>A part of a state, as <c>debug_accountRange</c> and <c>debug_dumpBlock</c> answer it.</summary>
/// <param name="Root">The state root.</param>
/// <param name="Accounts">In the order of their keys.</param>
/// <param name="Next">Where the rest begins; null when there is no rest.</param>
internal sealed record StateDump(Hash256 Root, IReadOnlyList<DumpedAccount> Accounts, Hash256? Next)
{
    /// <summary>Writes it as geth does: an account whose address is unknown is named <c>pre(KEY)</c>, <c>next</c> is in base64.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("root"u8, Root.ToString()[2..]);
        json.WriteStartObject("accounts"u8);
        foreach (DumpedAccount account in Accounts) Write(json, account);
        json.WriteEndObject();
        if (Next is { } next) json.WriteBase64String("next"u8, next.ToArray());
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DumpedAccount account)
    {
        StateAccountEntry entry = account.Entry;
        json.WriteStartObject(account.Address is { } known ? known.ToChecksumString() : $"pre({entry.Key})");
        json.WriteString("balance"u8, entry.Account.Balance.ToString());
        json.WriteNumber("nonce"u8, entry.Account.Nonce);
        json.WriteHash("root"u8, entry.StorageRoot);
        json.WriteHash("codeHash"u8, entry.Account.CodeHash);
        if (!account.Code.IsEmpty) json.WriteData("code"u8, account.Code.Span);
        if (account.Storage.Count > 0)
        {
            json.WriteStartObject("storage"u8);
            Span<byte> word = stackalloc byte[32];
            foreach ((UInt256 slot, UInt256 value) in account.Storage)
            {
                int length = value.WriteMinimalBigEndian(word);
                json.WriteString(Hash256.FromUInt256(slot).ToString(), Convert.ToHexStringLower(word[..length]));
            }

            json.WriteEndObject();
        }

        if (account.Address is { } address) json.WriteAddress("address"u8, address);
        json.WriteHash("key"u8, entry.Key);
        json.WriteEndObject();
    }
}
