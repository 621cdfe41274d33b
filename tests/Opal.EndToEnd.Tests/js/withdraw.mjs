// A withdrawal: initiated on L2, proven against the posted output root, finalized; the ether is back on L1.
import { parseAbi, parseEther } from 'viem';
import { getL2TransactionHashes, getWithdrawals } from 'viem/op-stack';
import { accountOf, check, devnet, equal, l1, l2, report, scenario, until, walletL1, walletL2 } from './lib.mjs';

await scenario(async () => {
  const to = '0x00000000000000000000000000000000000d0002';
  const value = parseEther('0.4');
  // the portal must hold the ether: deposit first
  const deposit = await walletL1(5).depositTransaction({
    request: { gas: 100_000n, mint: parseEther('1'), to: accountOf(5).address, value: parseEther('1') }, targetChain: l2.chain, gas: 500_000n, account: accountOf(5) });
  const deposited = await l1.waitForTransactionReceipt({ hash: deposit, timeout: 60_000 });
  equal(deposited.status, 'success', 'deposit');
  // on L2 a deposit takes a nonce of its sender: it must be there before the next transaction is signed
  const [l2Deposit] = getL2TransactionHashes(deposited);
  await until('the deposit on L2', 90, () => l2.getTransactionReceipt({ hash: l2Deposit }));

  const initiated = await l2.waitForTransactionReceipt({
    hash: await walletL2(5).initiateWithdrawal({ request: { gas: 21_000n, to, value } }), timeout: 60_000 });
  equal(initiated.status, 'success', 'initiateWithdrawal');
  const [withdrawal] = getWithdrawals(initiated);

  const output = await until('an output root that covers the withdrawal', 240, () => l1.getL2Output({ l2BlockNumber: initiated.blockNumber, targetChain: l2.chain }));
  const proof = await l2.buildProveWithdrawal({ output, withdrawal, account: accountOf(5) });
  const proven = await l1.waitForTransactionReceipt({ hash: await walletL1(5).proveWithdrawal({ ...proof, gas: 1_000_000n }), timeout: 60_000 });
  equal(proven.status, 'success', 'proveWithdrawal');

  const oracle = { address: devnet.addresses.L2OutputOracleProxy, abi: parseAbi(['function FINALIZATION_PERIOD_SECONDS() view returns (uint256)']) };
  const period = Number(await l1.readContract({ ...oracle, functionName: 'FINALIZATION_PERIOD_SECONDS' }));
  const { timestamp } = await l1.getBlock({ blockNumber: proven.blockNumber });
  await until('the finalization period to pass on L1', 60 + period, async () => (await l1.getBlock()).timestamp > timestamp + BigInt(period) + 1n);
  const before = await l1.getBalance({ address: to });
  const finalized = await until('the finalization', 60, async () => {
    const hash = await walletL1(5).finalizeWithdrawal({ targetChain: l2.chain, withdrawal, account: accountOf(5), gas: 1_000_000n });
    const receipt = await l1.waitForTransactionReceipt({ hash, timeout: 30_000 });
    return receipt.status === 'success' ? receipt : null;
  });
  equal(await l1.getBalance({ address: to }) - before, value, 'ether back on L1');
  check(finalized.logs.length > 0, 'WithdrawalFinalized');
  report(`withdrawn; proven against the output of L2 block ${output.l2BlockNumber}`);
});
