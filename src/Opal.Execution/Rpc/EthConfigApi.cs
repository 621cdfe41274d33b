using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>What this client is set to, and what it has: eth_config (EIP-7910), eth_capabilities.</summary>
/// <param name="chain">The chain.</param>
/// <param name="earlyForks">The upgrades up to London, by block; <see cref="ExecutionClientOptions.ForkBlocksBeforeLondon"/>.</param>
public sealed class EthConfigApi(Blockchain chain, IReadOnlyList<ulong> earlyForks)
{
    private static readonly string[] Precompiles =
    [
        "", "ECREC", "SHA256", "RIPEMD160", "ID", "MODEXP", "BN254_ADD", "BN254_MUL", "BN254_PAIRING", "BLAKE2F", "KZG_POINT_EVALUATION", "BLS12_G1ADD", "BLS12_G1MSM",
        "BLS12_G2ADD", "BLS12_G2MSM", "BLS12_PAIRING_CHECK", "BLS12_MAP_FP_TO_G1", "BLS12_MAP_FP2_TO_G2",
    ];

    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("eth_config", _ => RpcResult.Json(WriteConfig));
        registry.Register("eth_capabilities", _ => RpcResult.Json(WriteCapabilities));
    }

    private void WriteConfig(Utf8JsonWriter json)
    {
        List<ulong> times = ForkIds.TimesOf(chain.Spec, chain.Genesis.Header.Timestamp);
        ulong now = chain.Head.Header.Timestamp;
        json.WriteStartObject();
        json.WritePropertyName("current"u8);
        WriteFork(json, times, times.LastOrDefault(time => time <= now));
        json.WritePropertyName("next"u8);
        WriteUpcoming(json, times, times.FirstOrDefault(time => time > now));
        json.WritePropertyName("last"u8);
        WriteUpcoming(json, times, times.LastOrDefault(time => time > now));
        json.WriteEndObject();
    }

    private void WriteUpcoming(Utf8JsonWriter json, List<ulong> times, ulong time)
    {
        if (time == 0) json.WriteNullValue();
        else WriteFork(json, times, time);
    }

    private void WriteFork(Utf8JsonWriter json, List<ulong> times, ulong time)
    {
        Rules rules = chain.Spec.At(ulong.MaxValue, Math.Max(time, chain.Genesis.Header.Timestamp));
        json.WriteStartObject();
        json.WriteNumber("activationTime"u8, time);
        json.WritePropertyName("blobSchedule"u8);
        if (rules.BlobGas == BlobGasRule.Blobs)
        {
            json.WriteStartObject();
            json.WriteNumber("baseFeeUpdateFraction"u8, rules.Blobs.BaseFeeUpdateFraction);
            json.WriteNumber("max"u8, rules.Blobs.MaxBlobs);
            json.WriteNumber("target"u8, rules.Blobs.TargetBlobs);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteQuantity("chainId"u8, chain.Spec.ChainId);
        IEnumerable<ulong> blocks = chain.Spec.Ethereum?.ParisBlock is { } paris and > 0 ? earlyForks.Append(paris) : earlyForks;
        json.WriteData("forkId"u8, ForkIds.At(chain.Genesis.Hash, blocks, times, time));
        json.WriteStartObject("precompiles"u8);
        foreach (Address address in rules.Evm.Precompiles.Addresses())
        {
            ulong number = address.ToUInt256().U0;
            json.WriteString(number < (ulong)Precompiles.Length ? Precompiles[number] : "P256VERIFY", address.ToString());
        }

        json.WriteEndObject();
        WriteSystemContracts(json, rules);
        json.WriteEndObject();
    }

    private void WriteSystemContracts(Utf8JsonWriter json, Rules rules)
    {
        json.WriteStartObject("systemContracts"u8);
        if (rules.HasBeaconRoot) json.WriteAddress("BEACON_ROOTS_ADDRESS"u8, SystemContracts.BeaconRoots);
        if (rules.StoresParentHash) json.WriteAddress("HISTORY_STORAGE_ADDRESS"u8, SystemContracts.BlockHashes);
        if (rules.Requests == RequestsRule.FromExecution)
        {
            json.WriteAddress("DEPOSIT_CONTRACT_ADDRESS"u8, chain.Spec.DepositContract);
            json.WriteAddress("WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS"u8, SystemContracts.WithdrawalRequests);
            json.WriteAddress("CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS"u8, SystemContracts.ConsolidationRequests);
        }

        json.WriteEndObject();
    }

    private void WriteCapabilities(Utf8JsonWriter json)
    {
        ExecutedBlock head = chain.Head;
        json.WriteStartObject();
        json.WriteStartObject("head"u8);
        json.WriteQuantity("number"u8, head.Number);
        json.WriteHash("hash"u8, head.Hash);
        json.WriteEndObject();
        ulong states = chain.OldestState, blocks = chain.OldestBlock;
        WriteKept(json, "state"u8, states, head.Number);
        WriteKept(json, "tx"u8, blocks, head.Number);
        WriteKept(json, "logs"u8, blocks, head.Number);
        WriteKept(json, "receipts"u8, blocks, head.Number);
        WriteKept(json, "blocks"u8, blocks, head.Number);
        WriteKept(json, "stateproofs"u8, states, head.Number);
        json.WriteEndObject();
    }

    private static void WriteKept(Utf8JsonWriter json, ReadOnlySpan<byte> name, ulong oldest, ulong head)
    {
        json.WriteStartObject(name);
        json.WriteBoolean("disabled"u8, false);
        json.WriteQuantity("oldestBlock"u8, oldest);
        if (oldest > 0)
        {
            json.WriteStartObject("deleteStrategy"u8);
            json.WriteString("type"u8, "window"u8);
            json.WriteQuantity("retentionBlocks"u8, head - oldest + 1);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
