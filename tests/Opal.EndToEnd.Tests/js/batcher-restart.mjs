// The batcher stopped: the safe head stands, the unsafe head goes on. Started: the safe head catches up.
import { check, devnet, report, rpc, scenario, sleep, syncStatus, until } from './lib.mjs';

await scenario(async () => {
  await until('a first safe block', 120, async () => (await syncStatus()).safe_l2.number > 0);
  await rpc(devnet.batcher.rpc, 'admin_stopBatcher');
  await sleep(8000); // what was already under way lands
  const stopped = await syncStatus();
  await sleep(8000);
  const later = await syncStatus();
  check(later.unsafe_l2.number > stopped.unsafe_l2.number, 'the sequencer goes on');
  check(later.safe_l2.number === stopped.safe_l2.number, `the safe head stands: ${stopped.safe_l2.number} -> ${later.safe_l2.number}`);
  await rpc(devnet.batcher.rpc, 'admin_startBatcher');
  await until('the safe head catching up', 120, async () => (await syncStatus()).safe_l2.number >= later.unsafe_l2.number);
  report(`safe head stood at ${later.safe_l2.number} and passed ${later.unsafe_l2.number}`);
});
