// The three common clients read the same chain: viem over WebSocket, ethers over HTTP and WebSocket, cast from a shell. Logs, subscriptions, traces, proofs.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ContractFactory, JsonRpcProvider, Wallet, WebSocketProvider, zeroPadValue } from 'ethers';
import solc from 'solc';
import { createPublicClient, webSocket } from 'viem';
import { accountOf, check, devnet, equal, l2, l2Chain, report, rpc, scenario, sleep, until } from './lib.mjs';
import { checkProof } from './proofs.mjs';

const cast = fileURLToPath(new URL('./node_modules/@foundry-rs/cast-linux-amd64/bin/cast', import.meta.url));
const runCast = (...args) => execFileSync(cast, [...args, '--rpc-url', devnet.l2.rpc], { encoding: 'utf8', timeout: 60_000 }).trim();

const source = `
// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
contract Counter {
    uint256 public count;
    mapping(address => uint256) public by;
    event Counted(address indexed who, uint256 total);
    function add(uint256 n) external { require(n > 0, "nothing to add"); count += n; by[msg.sender] += n; emit Counted(msg.sender, count); }
}`;

await scenario(async () => {
  const compiled = JSON.parse(solc.compile(JSON.stringify({
    language: 'Solidity', sources: { 'C.sol': { content: source } },
    settings: { evmVersion: 'cancun', outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } } },
  }))).contracts['C.sol'].Counter;
  const provider = new JsonRpcProvider(devnet.l2.rpc, devnet.l2.chainId, { staticNetwork: true, pollingInterval: 250, cacheTimeout: -1 });
  const wallet = new Wallet(devnet.accounts[7].privateKey, provider);

  // viem: heads and logs over WebSocket
  const overSocket = createPublicClient({ chain: l2Chain, transport: webSocket(devnet.l2.ws) });
  const heads = [];
  const stopHeads = overSocket.watchBlocks({ onBlock: (block) => heads.push(block) });

  // ethers: deploys, sends, waits, reads
  const counter = await new ContractFactory(compiled.abi, compiled.evm.bytecode.object, wallet).deploy();
  await counter.waitForDeployment();
  const address = await counter.getAddress();
  const seen = [];
  const stopLogs = overSocket.watchContractEvent({ address, abi: compiled.abi, eventName: 'Counted', onLogs: (logs) => seen.push(...logs) });
  const socketProvider = new WebSocketProvider(devnet.l2.ws, devnet.l2.chainId);
  let etherHeads = 0;
  await socketProvider.on('block', () => { etherHeads++; });
  await sleep(500);
  const receipt = await (await counter.add(5n)).wait();
  equal(receipt.status, 1, "ethers' receipt");
  equal(await counter.count(), 5n, 'count() by ethers');
  const found = await counter.queryFilter('Counted', receipt.blockNumber, receipt.blockNumber);
  equal(found.length, 1, "ethers' queryFilter");
  equal(found[0].args.total, 5n, 'total of the event');
  let refused = '';
  try {
    await counter.add.staticCall(0n);
  } catch (error) {
    refused = error.reason ?? error.message;
  }
  check(refused.includes('nothing to add'), `the revert reason is decoded by ethers: ${refused}`);
  const fees = await provider.getFeeData();
  check(fees.maxFeePerGas > 0n && fees.maxPriorityFeePerGas >= 0n, 'fee data');

  await until('heads and logs over WebSocket', 30, () => heads.length > 1 && seen.length > 0 && etherHeads > 0);
  equal(seen[0].args.total, 5n, 'the log that viem was told of');
  stopHeads();
  stopLogs();
  await socketProvider.destroy();

  // cast
  equal(Number(runCast('chain-id')), devnet.l2.chainId, 'cast chain-id');
  equal(runCast('call', address, 'count()(uint256)'), '5', 'cast call');
  const logs = JSON.parse(runCast('logs', '--json', '--from-block', String(receipt.blockNumber), '--to-block', String(receipt.blockNumber), '--address', address, 'Counted(address indexed,uint256)'));
  equal(logs.length, 1, 'cast logs');
  const sent = JSON.parse(runCast('send', '--json', '--private-key', devnet.accounts[8].privateKey, address, 'add(uint256)', '3'));
  equal(sent.status, '0x1', 'cast send');
  equal(BigInt(runCast('storage', address, '0')), 8n, 'cast storage');
  const gas = Number(runCast('estimate', address, 'add(uint256)', '1'));
  check(gas > 21_000 && gas < 200_000, `cast estimate says ${gas}`);
  check(runCast('block', 'latest', '--field', 'hash').startsWith('0x'), 'cast block');
  check(runCast('receipt', sent.transactionHash, 'blockNumber').length > 0, 'cast receipt');

  // traces
  const calls = await rpc(devnet.l2.rpc, 'debug_traceTransaction', [receipt.hash, { tracer: 'callTracer', tracerConfig: { withLog: true } }]);
  equal(calls.to.toLowerCase(), address.toLowerCase(), 'callTracer: to');
  equal(calls.logs.length, 1, 'callTracer: logs');
  const changed = await rpc(devnet.l2.rpc, 'debug_traceTransaction', [receipt.hash, { tracer: 'prestateTracer', tracerConfig: { diffMode: true } }]);
  equal(BigInt(Object.values(changed.post[address.toLowerCase()].storage)[0]) > 0n, true, 'prestateTracer: the slot after');
  const flat = await rpc(devnet.l2.rpc, 'trace_transaction', [receipt.hash]);
  equal(flat[0].action.to.toLowerCase(), address.toLowerCase(), 'trace_transaction');
  const steps = await rpc(devnet.l2.rpc, 'debug_traceTransaction', [receipt.hash, {}]);
  check(steps.structLogs.length > 50 && steps.structLogs.some((step) => step.op === 'SSTORE'), 'struct logs');

  // proofs, now and earlier, present and absent
  const slots = ['0x0', zeroPadValue('0x07', 32)];
  for (const number of [receipt.blockNumber, receipt.blockNumber - 1]) {
    const tag = `0x${number.toString(16)}`;
    const block = await rpc(devnet.l2.rpc, 'eth_getBlockByNumber', [tag, false]);
    for (const who of [address, accountOf(7).address, '0x00000000000000000000000000000000deadbeef']) {
      checkProof(block.stateRoot, await rpc(devnet.l2.rpc, 'eth_getProof', [who, slots, tag]));
    }
  }
  const viemProof = await l2.getProof({ address, storageKeys: [zeroPadValue('0x00', 32)] });
  equal(viemProof.storageProof[0].value, 8n, "viem's getProof");
  report(`counter at ${address}; ${heads.length} heads by viem, ${etherHeads} by ethers`);
});
