// The batcher's data on L1 decodes with tools that are not ours: node's zlib and viem's RLP.
import { readFileSync } from 'node:fs';
import zlib from 'node:zlib';
import { fromRlp, hexToBytes } from 'viem';
import { check, devnet, equal, l1, report, scenario, until } from './lib.mjs';

// Blob encoding, version 0: 4 field elements carry 127 bytes.
function decodeBlob(blob) {
  equal(blob[1], 0, 'blob encoding version');
  const length = (blob[2] << 16) | (blob[3] << 8) | blob[4];
  const output = new Uint8Array(130_048);
  output.set(blob.subarray(5, 32), 0);
  let at = 28, from = 32;
  const first = [blob[0], 0, 0, 0];
  const element = (n) => {
    const high = blob[from];
    check((high & 0xc0) === 0, 'a canonical field element');
    output.set(blob.subarray(from + 1, from + 32), at);
    at += 32; from += 32;
    return high;
  };
  const reassemble = (x) => {
    at--;
    const y0 = (x[0] & 0x3f) | ((x[1] & 0x30) << 2), y1 = (x[1] & 0x0f) | ((x[3] & 0x0f) << 4), y2 = (x[2] & 0x3f) | ((x[3] & 0x30) << 2);
    output[at - 32] = y2; output[at - 64] = y1; output[at - 96] = y0;
  };
  for (let i = 1; i < 4; i++) first[i] = element(i);
  reassemble(first);
  for (let round = 1; round < 1024 && at < length; round++) {
    const x = [0, 0, 0, 0];
    for (let j = 0; j < 4; j++) x[j] = element(j);
    reassemble(x);
  }
  return output.subarray(0, length);
}

function framesOf(data) {
  equal(data[0], 0, 'derivation version');
  const frames = [];
  for (let at = 1; at < data.length;) {
    const view = new DataView(data.buffer, data.byteOffset + at);
    const length = view.getUint32(18);
    frames.push({ channel: Buffer.from(data.subarray(at, at + 16)).toString('hex'), number: view.getUint16(16),
      data: data.subarray(at + 22, at + 22 + length), last: data[at + 22 + length] === 1 });
    at += 23 + length;
  }
  return frames;
}

function decompress(bytes) {
  const method = bytes[0] & 0x0f;
  return method === 8 || method === 15 ? zlib.inflateSync(bytes) : zlib.brotliDecompressSync(bytes.subarray(1));
}

await scenario(async () => {
  const rollup = JSON.parse(readFileSync(devnet.rollupConfig, 'utf8'));
  const inbox = rollup.batch_inbox_address.toLowerCase();
  const genesisTime = Number((await (await fetch(`${devnet.l1.beacon}/eth/v1/beacon/genesis`)).json()).data.genesis_time);
  const slotSeconds = Number((await (await fetch(`${devnet.l1.beacon}/eth/v1/config/spec`)).json()).data.SECONDS_PER_SLOT);
  const found = { blobs: 0, calldata: 0, channels: 0, batches: 0, kinds: new Set() };
  await until('batches on L1', 120, async () => {
    const head = await l1.getBlockNumber();
    const channels = new Map();
    Object.assign(found, { blobs: 0, calldata: 0, channels: 0, batches: 0 });
    for (let number = BigInt(rollup.genesis.l1.number); number <= head; number++) {
      const block = await l1.getBlock({ blockNumber: number, includeTransactions: true });
      const payloads = [];
      const ours = block.transactions.filter((t) => t.to?.toLowerCase() === inbox);
      for (const transaction of ours) {
        equal(transaction.from.toLowerCase(), devnet.roles.batcher.toLowerCase(), 'sender of a batcher transaction');
        if (transaction.typeHex !== '0x3') { payloads.push(hexToBytes(transaction.input)); found.calldata++; continue; }
        const slot = (Number(block.timestamp) - genesisTime) / slotSeconds;
        const sidecars = (await (await fetch(`${devnet.l1.beacon}/eth/v1/beacon/blob_sidecars/${slot}`)).json()).data;
        check(sidecars.length >= transaction.blobVersionedHashes.length, `sidecars of slot ${slot}`);
        for (const sidecar of sidecars) { payloads.push(decodeBlob(hexToBytes(sidecar.blob))); found.blobs++; }
      }
      for (const payload of payloads) {
        for (const frame of framesOf(payload)) {
          const frames = channels.get(frame.channel) ?? [];
          frames[frame.number] = frame;
          channels.set(frame.channel, frames);
        }
      }
    }
    for (const frames of channels.values()) {
      if (!frames.at(-1).last) continue;
      found.channels++;
      let rest = decompress(Buffer.concat(frames.map((f) => f.data)));
      while (rest.length > 0) {
        const size = rest[0] < 0xb8 ? 1 + rest[0] - 0x80 : 1 + (rest[0] - 0xb7) + Number(`0x${Buffer.from(rest.subarray(1, 1 + rest[0] - 0xb7)).toString('hex')}`);
        const batch = fromRlp(new Uint8Array(rest.subarray(0, size)), 'bytes');
        found.kinds.add(batch[0]);
        found.batches++;
        rest = rest.subarray(size);
      }
    }
    return found.batches >= 3;
  });
  check([...found.kinds].every((kind) => kind === 0 || kind === 1), `batch versions ${[...found.kinds]}`);
  report(`${found.channels} channels, ${found.batches} batches, ${found.blobs} blobs, ${found.calldata} calldata transactions`);
});
