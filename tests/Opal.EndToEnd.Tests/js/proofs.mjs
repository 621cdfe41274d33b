// Merkle-Patricia proofs checked with nothing of ours: RLP, keccak and hex from ethers.
import { decodeRlp, getBytes, keccak256, stripZerosLeft, toBeHex, zeroPadValue } from 'ethers';

const EMPTY = '0x';

const nibblesOf = (hex) => [...hex.slice(2)].map((digit) => parseInt(digit, 16));

// The path in a leaf's or an extension's first item, and whether it is a leaf.
function pathOf(item) {
  const nibbles = nibblesOf(item);
  const isLeaf = nibbles[0] >= 2;
  return { isLeaf, path: nibbles.slice(nibbles[0] % 2 === 1 ? 1 : 2) };
}

// The value that a proof gives to a key; null where it proves that there is none. Throws when the proof does not hold.
export function provenValue(root, key, proof) {
  const way = nibblesOf(keccak256(key));
  let expected = root;
  let at = 0;
  let next = 0;
  let node;
  for (;;) {
    if (typeof expected === 'string') {
      const raw = proof[next++];
      if (raw === undefined) throw new Error('the proof ends too early');
      if (getBytes(raw).length >= 32 || next === 1) {
        if (keccak256(raw) !== expected) throw new Error('a node of the proof has another hash');
      }
      node = decodeRlp(raw);
    } else {
      node = expected; // a short node, part of its parent
    }
    if (node.length === 17) {
      if (at === way.length) return node[16] === EMPTY ? null : node[16];
      const child = node[way[at++]];
      if (child === EMPTY) return null;
      expected = child;
    } else {
      const { isLeaf, path } = pathOf(node[0]);
      const same = path.every((nibble, i) => way[at + i] === nibble);
      if (isLeaf) return same && at + path.length === way.length ? node[1] : null;
      if (!same) return null;
      at += path.length;
      expected = node[1];
    }
  }
}

const trimmed = (number) => (BigInt(number) === 0n ? EMPTY : stripZerosLeft(toBeHex(BigInt(number))));

// Checks an answer of eth_getProof against a state root.
export function checkProof(stateRoot, answer) {
  const value = provenValue(stateRoot, answer.address, answer.accountProof);
  const expected = [trimmed(answer.nonce), trimmed(answer.balance), answer.storageHash, answer.codeHash];
  if (value === null) {
    if (BigInt(answer.nonce) !== 0n || BigInt(answer.balance) !== 0n) throw new Error('the account is proven absent');
    return;
  }
  const account = decodeRlp(value);
  expected.forEach((field, i) => {
    if (account[i] !== field) throw new Error(`field ${i} of the account is ${account[i]} in the trie and ${field} in the answer`);
  });
  for (const slot of answer.storageProof) {
    const key = zeroPadValue(BigInt(slot.key) === 0n ? '0x00' : toBeHex(BigInt(slot.key)), 32);
    const found = slot.proof.length === 0 ? null : provenValue(answer.storageHash, key, slot.proof);
    const inTrie = found === null ? EMPTY : decodeRlp(found);
    if (inTrie !== trimmed(slot.value)) throw new Error(`slot ${slot.key} is ${inTrie} in the trie and ${slot.value} in the answer`);
  }
}

