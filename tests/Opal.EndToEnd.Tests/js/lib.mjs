// What every scenario needs: the devnet's description, viem clients for both layers, waiting, and assertions that say what they saw.
import { readFileSync } from 'node:fs';
import { createPublicClient, createWalletClient, defineChain, http } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { chainConfig, publicActionsL1, publicActionsL2, walletActionsL1, walletActionsL2 } from 'viem/op-stack';

export const devnet = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const contracts = devnet.addresses;

export const l1Chain = defineChain({
  id: devnet.l1.chainId, name: 'devnet L1', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [devnet.l1.rpc] } },
});

export const l2Chain = defineChain({
  ...chainConfig,
  id: devnet.l2.chainId, name: 'devnet L2', sourceId: l1Chain.id, nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [devnet.l2.rpc] } },
  contracts: {
    ...chainConfig.contracts,
    l2OutputOracle: { [l1Chain.id]: { address: contracts.L2OutputOracleProxy } },
    disputeGameFactory: { [l1Chain.id]: { address: contracts.DisputeGameFactoryProxy } },
    portal: { [l1Chain.id]: { address: contracts.OptimismPortalProxy } },
    l1StandardBridge: { [l1Chain.id]: { address: contracts.L1StandardBridgeProxy } },
  },
});

const polling = { pollingInterval: 250 };
const transport = (url) => http(url, { timeout: 20_000, retryCount: 2 });
export const l1 = createPublicClient({ chain: l1Chain, transport: transport(devnet.l1.rpc), ...polling, cacheTime: 0 }).extend(publicActionsL1());
export const l2 = createPublicClient({ chain: l2Chain, transport: transport(devnet.l2.rpc), ...polling, cacheTime: 0 }).extend(publicActionsL2());
export const verifier = devnet.verifier
  ? createPublicClient({ chain: l2Chain, transport: transport(devnet.verifier.l2Rpc), ...polling, cacheTime: 0 }) : null;

// Each scenario takes an account of its own, so that they do not meet in nonces.
export const accountOf = (index) => privateKeyToAccount(devnet.accounts[index].privateKey);
export const walletL1 = (index) =>
  createWalletClient({ account: accountOf(index), chain: l1Chain, transport: transport(devnet.l1.rpc), ...polling }).extend(walletActionsL1());
export const walletL2 = (index) =>
  createWalletClient({ account: accountOf(index), chain: l2Chain, transport: transport(devnet.l2.rpc), ...polling }).extend(walletActionsL2());

export async function rpc(url, method, params = []) {
  const answer = await fetch(url, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const body = await answer.json();
  if (body.error) throw new Error(`${method}: ${body.error.code} ${body.error.message}`);
  return body.result;
}

export const syncStatus = (which = devnet.node.rpc) => rpc(which, 'optimism_syncStatus');
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export async function until(what, seconds, probe) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    try {
      last = await probe();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    await sleep(250);
  }
  throw new Error(`waited ${seconds} s for: ${what}; last seen: ${last instanceof Error ? last.message : JSON.stringify(last, big)}`);
}

export const big = (_, value) => (typeof value === 'bigint' ? value.toString() : value);

export function equal(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: got ${JSON.stringify(actual, big)}, expected ${JSON.stringify(expected, big)}`);
}

export function check(condition, what) {
  if (!condition) throw new Error(what);
}

export function report(text) {
  console.log(text);
}

export async function scenario(body) {
  try {
    await body();
    process.exit(0);
  } catch (error) {
    console.error(error.stack ?? String(error));
    process.exit(1);
  }
}
