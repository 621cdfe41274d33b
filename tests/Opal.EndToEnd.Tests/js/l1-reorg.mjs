// A reorg of the embedded L1 that orphans a batch: the safe head goes back, the batcher posts again, both nodes agree again.
import { check, devnet, equal, l1, l2, report, rpc, scenario, syncStatus, until, verifier } from './lib.mjs';

await scenario(async () => {
  await until('safe blocks', 120, async () => (await syncStatus()).safe_l2.number > 5);
  const inbox = JSON.parse((await import('node:fs')).readFileSync(devnet.rollupConfig, 'utf8')).batch_inbox_address.toLowerCase();
  // wait for a fresh batch in the newest L1 block, then orphan it
  const batchBlock = await until('a batch in the newest L1 block', 120, async () => {
    const block = await l1.getBlock({ includeTransactions: true });
    return block.transactions.some((t) => t.to?.toLowerCase() === inbox) ? block : null;
  });
  await rpc(devnet.l1.rpc, 'dev_reorg', ['0x2']);
  const replaced = await until('another L1 block at that height', 30, async () => {
    const block = await l1.getBlock({ blockNumber: batchBlock.number });
    return block.hash !== batchBlock.hash ? block : null;
  });
  check(!replaced.transactions.some((h) => batchBlock.transactions.some((t) => t.hash === h && t.to?.toLowerCase() === inbox)), 'the batch is orphaned');
  const target = (await syncStatus()).unsafe_l2.number + 5;
  await until('the safe head passing the reorg', 180, async () => (await syncStatus()).safe_l2.number > target);
  await until('the verifier passing it too', 180, async () => (await syncStatus(devnet.verifier.nodeRpc)).safe_l2.number > target);
  for (let number = 1n; number <= BigInt(target); number++) {
    const [ours, theirs] = await Promise.all([l2.getBlock({ blockNumber: number }), verifier.getBlock({ blockNumber: number })]);
    equal(theirs.hash, ours.hash, `hash of L2 block ${number}`);
  }
  report(`L1 block ${batchBlock.number} replaced; ${target} L2 blocks equal`);
});
