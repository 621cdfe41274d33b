// An ordinary transfer on L2, until its block is on L1: safe.
import { parseEther } from 'viem';
import { equal, l2, report, scenario, syncStatus, until, walletL2 } from './lib.mjs';

await scenario(async () => {
  const to = '0x00000000000000000000000000000000000d0003';
  const before = await l2.getBalance({ address: to });
  const receipt = await l2.waitForTransactionReceipt({ hash: await walletL2(5).sendTransaction({ to, value: parseEther('0.1') }), timeout: 60_000 });
  equal(receipt.status, 'success', 'transfer');
  equal(await l2.getBalance({ address: to }) - before, parseEther('0.1'), 'balance');
  await until('the transfer to be safe', 60, async () => BigInt((await syncStatus()).safe_l2.number) >= receipt.blockNumber);
  equal((await l2.getBlock({ blockNumber: receipt.blockNumber })).hash, receipt.blockHash, 'the block it was in');
  report(`transferred in L2 block ${receipt.blockNumber}, which is safe`);
});
