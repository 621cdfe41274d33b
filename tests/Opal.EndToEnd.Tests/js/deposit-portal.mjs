// Ether minted on L2 by OptimismPortal.depositTransaction.
import { getL2TransactionHashes } from 'viem/op-stack';
import { parseEther } from 'viem';
import { accountOf, check, equal, l1, l2, report, scenario, until, walletL1 } from './lib.mjs';

await scenario(async () => {
  const to = '0x00000000000000000000000000000000000d0001';
  const before = await l2.getBalance({ address: to });
  const hash = await walletL1(1).depositTransaction({
    request: { gas: 100_000n, mint: parseEther('1.5'), to, value: parseEther('1.5') }, targetChain: l2.chain, gas: 500_000n, account: accountOf(1),
  });
  const receipt = await l1.waitForTransactionReceipt({ hash, timeout: 60_000 });
  equal(receipt.status, 'success', 'deposit on L1');
  const [l2Hash] = getL2TransactionHashes(receipt);
  const l2Receipt = await until('the deposit on L2', 90, () => l2.getTransactionReceipt({ hash: l2Hash }));
  equal(l2Receipt.status, 'success', 'deposit on L2');
  equal(await l2.getBalance({ address: to }) - before, parseEther('1.5'), 'balance on L2');
  const transaction = await l2.getTransaction({ hash: l2Hash });
  equal(transaction.type, 'deposit', 'transaction type on L2');
  equal(transaction.mint, parseEther('1.5'), 'mint');
  check(transaction.sourceHash?.length === 66, 'a source hash');
  report(`deposited in L2 block ${l2Receipt.blockNumber}`);
});
