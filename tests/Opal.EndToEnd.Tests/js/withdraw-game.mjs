// A withdrawal through dispute games: initiated on L2, proven against the proposer's game, finalized once that has resolved. A stranger's game with a wrong root, made
// meanwhile, proves nothing and falls.
import { keccak256, numberToHex, parseAbi, parseEther, toHex } from 'viem';
import { getL2TransactionHashes, getWithdrawals } from 'viem/op-stack';
import { accountOf, check, devnet, equal, l1, l2, report, rpc, scenario, until, walletL1, walletL2 } from './lib.mjs';

const factory = { address: devnet.addresses.DisputeGameFactoryProxy, abi: parseAbi([
  'function create(uint32, bytes32, bytes) payable returns (address)', 'function initBonds(uint32) view returns (uint256)', 'function games(uint32, bytes32, bytes) view returns (address, uint64)',
  'function gameCount() view returns (uint256)', 'function gameAtIndex(uint256) view returns (uint32, uint64, address)']) };
const gameAbi = parseAbi(['function status() view returns (uint8)', 'function rootClaim() view returns (bytes32)', 'function gameCreator() view returns (address)']);
const registry = { address: devnet.addresses.AnchorStateRegistryProxy, abi: parseAbi(['function anchors(uint32) view returns (bytes32, uint256)']) };
const [challengerWins, defenderWins] = [1, 2];
const outputOf = async (block) => (await rpc(devnet.node.rpc, 'optimism_outputAtBlock', [numberToHex(block)])).outputRoot;
const statusOf = (game) => l1.readContract({ address: game, abi: gameAbi, functionName: 'status' });

await scenario(async () => {
  equal(devnet.proofs, 'games', 'proofs in devnet.json');
  const to = '0x00000000000000000000000000000000000d0003';
  const value = parseEther('0.4');
  // the portal must hold the ether: deposit first
  const deposited = await l1.waitForTransactionReceipt({ timeout: 60_000, hash: await walletL1(5).depositTransaction({
    request: { gas: 100_000n, mint: parseEther('1'), to: accountOf(5).address, value: parseEther('1') }, targetChain: l2.chain, gas: 500_000n, account: accountOf(5) }) });
  equal(deposited.status, 'success', 'deposit');
  const [l2Deposit] = getL2TransactionHashes(deposited);
  await until('the deposit on L2', 90, () => l2.getTransactionReceipt({ hash: l2Deposit }));
  const initiated = await l2.waitForTransactionReceipt({ hash: await walletL2(5).initiateWithdrawal({ request: { gas: 21_000n, to, value } }), timeout: 60_000 });
  equal(initiated.status, 'success', 'initiateWithdrawal');
  const [withdrawal] = getWithdrawals(initiated);

  // a stranger claims another root for a later block
  const wrongBlock = await until('a block after the withdrawal', 30, async () => {
    const head = await l2.getBlockNumber();
    return head > initiated.blockNumber ? head : null;
  });
  const wrongRoot = keccak256(toHex('a root that nobody can prove'));
  const extra = numberToHex(wrongBlock, { size: 32 });
  const bond = await l1.readContract({ ...factory, functionName: 'initBonds', args: [0] });
  const made = await l1.waitForTransactionReceipt({ timeout: 60_000, hash: await walletL1(6).writeContract({ ...factory, functionName: 'create', args: [0, wrongRoot, extra], value: bond, gas: 1_000_000n }) });
  equal(made.status, 'success', 'the stranger\'s game');
  const [wrongGame] = await l1.readContract({ ...factory, functionName: 'games', args: [0, wrongRoot, extra] });

  const games = () => l1.getGames({ targetChain: l2.chain, l2BlockNumber: initiated.blockNumber, limit: 20 });
  const wrong = (await games()).find((game) => game.rootClaim === wrongRoot);
  check(wrong, 'the stranger\'s game is listed');
  const game = await until('a game whose root is the rollup\'s', 120, async () => {
    for (const candidate of await games()) if (candidate.rootClaim === await outputOf(candidate.l2BlockNumber)) return candidate;
    return null;
  });
  const [, , proxy] = await l1.readContract({ ...factory, functionName: 'gameAtIndex', args: [game.index] });
  equal(await l1.readContract({ address: proxy, abi: gameAbi, functionName: 'gameCreator' }), devnet.roles.proposer, 'the game\'s creator');

  // the stranger's game is of no use
  const worthless = await l2.buildProveWithdrawal({ game: wrong, withdrawal, account: accountOf(5) });
  const refused = await l1.estimateProveWithdrawalGas({ ...worthless, account: accountOf(5) }).then(() => null, (error) => error);
  check(refused && /invalid output root proof/.test(refused.message), `proving against the stranger's game: ${refused?.message ?? 'accepted'}`);

  const proof = await l2.buildProveWithdrawal({ game, withdrawal, account: accountOf(5) });
  const proven = await l1.waitForTransactionReceipt({ hash: await walletL1(5).proveWithdrawal({ ...proof, gas: 1_000_000n }), timeout: 60_000 });
  equal(proven.status, 'success', 'proveWithdrawal');

  const early = await l1.estimateFinalizeWithdrawalGas({ targetChain: l2.chain, withdrawal, account: accountOf(5) }).then(() => null, (error) => error);
  check(early, 'finalizing before the game is over must be refused');
  const before = await l1.getBalance({ address: to });
  await until('the withdrawal to be ready', 120, async () => (await l1.getWithdrawalStatus({ receipt: initiated, targetChain: l2.chain })) === 'ready-to-finalize');
  equal(await statusOf(proxy), defenderWins, 'the game\'s status');
  const finalized = await l1.waitForTransactionReceipt({ timeout: 60_000, hash: await walletL1(5).finalizeWithdrawal({ targetChain: l2.chain, withdrawal, account: accountOf(5), gas: 1_000_000n }) });
  equal(finalized.status, 'success', 'finalizeWithdrawal');
  equal(await l1.getBalance({ address: to }) - before, value, 'ether back on L1');

  await until('the stranger\'s game to fall', 60, async () => (await statusOf(wrongGame)) === challengerWins);
  const [anchor, anchorBlock] = await l1.readContract({ ...registry, functionName: 'anchors', args: [0] });
  check(anchorBlock >= game.l2BlockNumber, `the anchor is at L2 block ${anchorBlock}`);
  equal(anchor, await outputOf(anchorBlock), 'the anchor\'s root');
  report(`withdrawn; proven against the game of L2 block ${game.l2BlockNumber}; the stranger's game of L2 block ${wrong.l2BlockNumber} fell`);
});
