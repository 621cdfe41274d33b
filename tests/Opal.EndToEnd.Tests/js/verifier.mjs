// The verifier derives, from L1 alone, the same hashes as the sequencer over at least 100 blocks that hold transactions.
import { accountOf, check, devnet, equal, l2, report, scenario, sleep, syncStatus, until, verifier, walletL2 } from './lib.mjs';

await scenario(async () => {
  const wallet = walletL2(6);
  let nonce = await l2.getTransactionCount({ address: accountOf(6).address });
  const first = await l2.getBlockNumber();
  const filled = new Set();
  while (filled.size < 100) {
    const hashes = [];
    for (let i = 0; i < 3; i++) hashes.push(await wallet.sendTransaction({ to: accountOf(7).address, value: 1n, nonce: nonce++, gas: 21_000n }));
    const receipt = await l2.waitForTransactionReceipt({ hash: hashes[2], timeout: 60_000 });
    filled.add(receipt.blockNumber);
    await sleep(150);
  }
  const last = await l2.getBlockNumber();
  await until(`the verifier's safe head at block ${last}`, 180, async () => {
    const status = await syncStatus(devnet.verifier.nodeRpc);
    return BigInt(status.safe_l2.number) >= last;
  });
  let compared = 0;
  for (let number = 1n; number <= last; number++) {
    const [ours, theirs] = await Promise.all([l2.getBlock({ blockNumber: number }), verifier.getBlock({ blockNumber: number })]);
    equal(theirs.hash, ours.hash, `hash of L2 block ${number}`);
    if (number > first && ours.transactions.length > 1) compared++;
  }
  check(compared >= 100, `blocks with transactions: ${compared}`);
  report(`${last} blocks equal, ${compared} of them with our transactions`);
});
