// A token compiled with solc, deployed and used on L2; the L1 fee in receipts against the GasPriceOracle.
import solc from 'solc';
import { parseAbi, parseEther, serializeTransaction } from 'viem';
import { accountOf, check, equal, l2, report, scenario, walletL2 } from './lib.mjs';

const source = `
// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;
contract Token {
    string public constant name = "Opal Test Token";
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    error Insufficient(uint256 have, uint256 want);
    constructor(uint256 supply) { totalSupply = supply; balanceOf[msg.sender] = supply; emit Transfer(address(0), msg.sender, supply); }
    function transfer(address to, uint256 value) external returns (bool) { _move(msg.sender, to, value); return true; }
    function approve(address spender, uint256 value) external returns (bool) { allowance[msg.sender][spender] = value; emit Approval(msg.sender, spender, value); return true; }
    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed < value) revert Insufficient(allowed, value);
        allowance[from][msg.sender] = allowed - value;
        _move(from, to, value);
        return true;
    }
    function _move(address from, address to, uint256 value) private {
        uint256 have = balanceOf[from];
        if (have < value) revert Insufficient(have, value);
        unchecked { balanceOf[from] = have - value; balanceOf[to] += value; }
        emit Transfer(from, to, value);
    }
}`;

await scenario(async () => {
  const output = JSON.parse(solc.compile(JSON.stringify({
    language: 'Solidity', sources: { 'Token.sol': { content: source } },
    settings: { optimizer: { enabled: true, runs: 200 }, evmVersion: 'cancun', outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } } },
  })));
  const { abi, evm } = output.contracts['Token.sol'].Token;
  const wallet = walletL2(3);
  const owner = accountOf(3).address;
  const other = accountOf(4).address;

  const deployed = await l2.waitForTransactionReceipt({
    hash: await wallet.deployContract({ abi, bytecode: `0x${evm.bytecode.object}`, args: [parseEther('1000')] }), timeout: 60_000 });
  equal(deployed.status, 'success', 'deployment');
  const token = { address: deployed.contractAddress, abi };
  equal(await l2.readContract({ ...token, functionName: 'name' }), 'Opal Test Token', 'name()');

  const moved = await l2.waitForTransactionReceipt({
    hash: await wallet.writeContract({ ...token, functionName: 'transfer', args: [other, parseEther('3')] }), timeout: 60_000 });
  equal(moved.status, 'success', 'transfer');
  equal(await l2.readContract({ ...token, functionName: 'balanceOf', args: [other] }), parseEther('3'), 'balanceOf(other)');
  const events = await l2.getContractEvents({ ...token, eventName: 'Transfer', fromBlock: deployed.blockNumber, toBlock: 'latest' });
  equal(events.length, 2, 'Transfer events');
  equal(events[1].args.value, parseEther('3'), 'value of the Transfer event');

  let refusal = '';
  try {
    await l2.simulateContract({ ...token, functionName: 'transferFrom', args: [other, owner, 1n], account: owner });
  } catch (error) {
    refusal = error.message;
  }
  check(refusal.includes('Insufficient'), `the custom error is decoded: ${refusal}`);

  // A plain transfer is below the minimal size of Fjord's estimate, where the oracle's answer for the unsigned bytes is exact.
  const oracle = { address: '0x420000000000000000000000000000000000000F', abi: parseAbi([
    'function getL1Fee(bytes) view returns (uint256)', 'function baseFeeScalar() view returns (uint32)', 'function blobBaseFeeScalar() view returns (uint32)',
    'function l1BaseFee() view returns (uint256)', 'function blobBaseFee() view returns (uint256)']) };
  const hash = await wallet.sendTransaction({ to: other, value: 1n });
  const receipt = await l2.waitForTransactionReceipt({ hash, timeout: 60_000 });
  const sent = await l2.getTransaction({ hash });
  const unsigned = serializeTransaction({
    chainId: l2.chain.id, type: 'eip1559', nonce: sent.nonce, to: sent.to, value: sent.value, data: sent.input, gas: sent.gas,
    maxFeePerGas: sent.maxFeePerGas, maxPriorityFeePerGas: sent.maxPriorityFeePerGas });
  const quoted = await l2.readContract({ ...oracle, functionName: 'getL1Fee', args: [unsigned], blockNumber: receipt.blockNumber });
  equal(receipt.l1Fee, quoted, "the receipt's L1 fee against GasPriceOracle.getL1Fee");
  check(quoted > 0n, 'the L1 fee is not zero');

  // The bigger deployment: the receipt's parts against the oracle's.
  const at = { blockNumber: deployed.blockNumber };
  const scaled = 16n * BigInt(await l2.readContract({ ...oracle, functionName: 'baseFeeScalar', ...at })) * await l2.readContract({ ...oracle, functionName: 'l1BaseFee', ...at })
    + BigInt(await l2.readContract({ ...oracle, functionName: 'blobBaseFeeScalar', ...at })) * await l2.readContract({ ...oracle, functionName: 'blobBaseFee', ...at });
  const size = deployed.l1Fee * 1_000_000_000_000n / scaled; // estimated size, scaled by 1e6
  check(size / 62_500n - deployed.l1GasUsed <= 1n && deployed.l1GasUsed - size / 62_500n <= 1n,
    `l1GasUsed ${deployed.l1GasUsed} against the size the fee implies ${size}`);
  report(`token at ${deployed.contractAddress}; L1 fee of a transfer ${quoted} wei`);
});
