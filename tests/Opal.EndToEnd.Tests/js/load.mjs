// A steady load, by hand: node load.mjs DIR/devnet.json [TX_PER_SECOND=20] [SECONDS=3600] [PID of opal, to watch its memory]
// Prints a line a minute; fails when the safe head stops following the unsafe head or the load is not taken.
import { readFileSync } from 'node:fs';
import { accountOf, check, devnet, l1, l2, report, rpc, scenario, sleep, syncStatus, walletL2 } from './lib.mjs';

const perSecond = Number(process.argv[3] ?? 20), seconds = Number(process.argv[4] ?? 3600), pid = process.argv[5];
const memory = () => (pid ? Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024) : 0);

await scenario(async () => {
  const wallet = walletL2(8);
  const account = accountOf(8);
  let nonce = await l2.getTransactionCount({ address: account.address });
  const begin = Date.now();
  let sent = 0, failed = 0, lastLine = 0, worstLag = 0;
  const first = await l2.getBlockNumber();
  while ((Date.now() - begin) / 1000 < seconds) {
    const due = Math.floor(((Date.now() - begin) / 1000) * perSecond);
    while (sent < due) {
      const batch = Math.min(due - sent, 10);
      const raw = await Promise.all(Array.from({ length: batch }, (_, i) => account.signTransaction({
        type: 'eip1559', chainId: l2.chain.id, nonce: nonce + i, to: accountOf(9).address, value: 1n, gas: 21_000n,
        maxFeePerGas: 10_000_000_000n, maxPriorityFeePerGas: 1_000_000n })));
      for (const one of raw) {
        try {
          await rpc(devnet.l2.rpc, 'eth_sendRawTransaction', [one]);
          nonce++;
        } catch (error) {
          failed++;
          report(`refused: ${error.message}`);
          nonce = await l2.getTransactionCount({ address: account.address, blockTag: 'pending' });
          break;
        }
      }
      sent += batch;
    }
    await sleep(100);
    const minute = Math.floor((Date.now() - begin) / 60_000);
    if (minute > lastLine) {
      lastLine = minute;
      const status = await syncStatus();
      const lag = status.unsafe_l2.number - status.safe_l2.number;
      worstLag = Math.max(worstLag, lag);
      report(`${minute} min: sent ${sent}, refused ${failed}, unsafe ${status.unsafe_l2.number}, safe ${status.safe_l2.number} (lag ${lag}), ` +
        `finalized ${status.finalized_l2.number}, L1 ${await l1.getBlockNumber()}, mined nonce ${await l2.getTransactionCount({ address: account.address })}, memory ${memory()} MB`);
    }
  }
  await sleep(5000);
  const last = await l2.getBlockNumber();
  const mined = await l2.getTransactionCount({ address: account.address });
  report(`${seconds} s: ${last - first} blocks, ${mined} transactions mined of ${sent}, refused ${failed}, worst lag ${worstLag}, memory ${memory()} MB`);
  check(mined >= nonce - perSecond * 5, `the load was taken: mined ${mined} of ${nonce}`);
  check(failed < sent / 100, `refusals: ${failed}`);
});
