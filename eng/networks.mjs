// Writes the table of well-known networks from the superchain registry's chain configurations.
//
//   node eng/networks.mjs SUPERCHAIN_CONFIGS.json > src/Opal.Protocol/Networks/NetworkTable.cs
//
// The input is one JSON object, the registry's chain files (superchain/configs/*/*.toml) by "superchain/chain": see SuperchainFile.
// Left out are entries that are no chain, and chains whose execution has rules of its own (LEFT_OUT). A test compares the table with the
// registry field by field (NetworkTableTests).

import { readFileSync } from 'node:fs';

const LEFT_OUT = { 'mainnet/celo': 'transaction types of its own', 'sepolia/celo-sep': 'transaction types of its own' };
const FORKS = ['canyon', 'delta', 'ecotone', 'fjord', 'granite', 'holocene', 'isthmus', 'jovian', 'karst'];
const L1 = { mainnet: 1, sepolia: 11155111, 'sepolia-devnet-2': 11155111 };

const number = (value) => (value >= 1_000_000 && value % 1_000_000 === 0 ? `${value / 1_000_000}_000_000` : `${value}`);

function forks(times) {
  const given = FORKS.map((fork) => times[`${fork}_time`] ?? null);
  while (given.length > 0 && given.at(-1) === null) given.pop();
  return `Forks(${given.map((time) => time ?? 'null').join(', ')})`;
}

function extras(chain) {
  const lines = [];
  if (chain.block_time !== 2) lines.push(`BlockTimeSeconds = ${chain.block_time}`);
  if (chain.max_sequencer_drift !== 600) lines.push(`MaxSequencerDriftSeconds = ${chain.max_sequencer_drift}`);
  if (chain.seq_window_size !== 3600) lines.push(`SequencingWindowSize = ${chain.seq_window_size}`);
  if (chain.hardforks.pectra_blob_schedule_time) lines.push(`PectraBlobScheduleTime = ${chain.hardforks.pectra_blob_schedule_time}`);
  if (chain.hardforks.keep_karst_upgrade_gas) lines.push('KeepKarstUpgradeGas = true');
  return lines.length === 0 ? '' : ` with { ${lines.join(', ')} }`;
}

function row([key, chain]) {
  const [superchain, name] = key.split('/');
  const { l1, l2, l2_time: time, system_config: system } = chain.genesis;
  const market = chain.optimism;
  const usesAlternativeDA = 'alt_da' in chain || chain.data_availability_type !== 'eth-da';
  const optimism = [market.eip1559_elasticity, market.eip1559_denominator, market.eip1559_denominator_canyon ?? market.eip1559_denominator];
  return `        new("${name}-${superchain}", "${key}", ${JSON.stringify(chain.name)}, ${usesAlternativeDA},
            Rollup(${L1[superchain]}, ${chain.chain_id}, "${chain.batch_inbox_addr}", "${chain.addresses.OptimismPortalProxy}", "${chain.addresses.SystemConfigProxy}",
                Id("${l1.hash}", ${l1.number}), Id("${l2.hash}", ${l2.number}), ${time},
                Owned("${system.batcherAddress}", ${BigInt(system.overhead)}, "${system.scalar}", ${number(system.gasLimit)}),
                ${forks(chain.hardforks)}, new(${optimism.join(', ')}))${extras(chain)}),`;
}

const chains = Object.entries(JSON.parse(readFileSync(process.argv[2], 'utf8'))).filter(([key, chain]) => 'chain_id' in chain && !(key in LEFT_OUT));
console.log(`using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The facts about well-known networks. Written by eng/networks.mjs from the superchain registry (MIT licence); do not edit.</summary>
internal static class NetworkTable
{
    /// <summary>The networks, by their names in the registry.</summary>
    public static Network[] Make() =>
    [
${chains.map(row).join('\n')}
    ];

    private static RollupConfig Rollup(
        ulong l1Chain, ulong l2Chain, string inbox, string portal, string systemConfig, BlockId l1, BlockId l2, ulong l2Time, SystemConfig system,
        OptimismForkTimes forks, OptimismFeeMarket feeMarket) => new()
    {
        GenesisL1 = l1,
        GenesisL2 = l2,
        GenesisL2Time = l2Time,
        GenesisSystemConfig = system,
        L1ChainId = l1Chain,
        L2ChainId = l2Chain,
        Forks = forks,
        BatchInboxAddress = Address.Parse(inbox),
        DepositContractAddress = Address.Parse(portal),
        L1SystemConfigAddress = Address.Parse(systemConfig),
        FeeMarket = feeMarket,
    };

    private static BlockId Id(string hash, ulong number) => new(Hash256.Parse(hash), number);

    private static SystemConfig Owned(string batcher, ulong overhead, string scalar, ulong gasLimit) => new()
    {
        BatcherAddress = Address.Parse(batcher),
        Overhead = new UInt256(overhead),
        Scalar = Hash256.Parse(scalar).ToUInt256(),
        GasLimit = gasLimit,
    };

    private static OptimismForkTimes Forks(
        ulong? canyon = null, ulong? delta = null, ulong? ecotone = null, ulong? fjord = null, ulong? granite = null, ulong? holocene = null, ulong? isthmus = null,
        ulong? jovian = null, ulong? karst = null) => new()
    {
        Regolith = 0,
        Canyon = canyon,
        Delta = delta,
        Ecotone = ecotone,
        Fjord = fjord,
        Granite = granite,
        Holocene = holocene,
        Isthmus = isthmus,
        Jovian = jovian,
        Karst = karst,
    };
}`);
