// Ether by L1StandardBridge.depositETH, and by plain ether sent to the bridge.
import { parseAbi, parseEther } from 'viem';
import { accountOf, devnet, equal, l1, l2, report, scenario, until, walletL1 } from './lib.mjs';

await scenario(async () => {
  const bridge = devnet.addresses.L1StandardBridgeProxy;
  const wallet = walletL1(2);
  const address = accountOf(2).address;
  const before = await l2.getBalance({ address });
  const hash = await wallet.writeContract({
    address: bridge, abi: parseAbi(['function depositETH(uint32 minGasLimit, bytes extraData) payable']),
    functionName: 'depositETH', args: [200_000, '0x'], value: parseEther('1'), gas: 700_000n,
  });
  equal((await l1.waitForTransactionReceipt({ hash, timeout: 60_000 })).status, 'success', 'depositETH');
  await until('the bridged ether on L2', 90, async () => (await l2.getBalance({ address })) - before === parseEther('1'));

  const plain = await wallet.sendTransaction({ to: bridge, value: parseEther('0.25'), gas: 700_000n });
  equal((await l1.waitForTransactionReceipt({ hash: plain, timeout: 60_000 })).status, 'success', 'plain ether to the bridge');
  await until('the plain ether on L2', 90, async () => (await l2.getBalance({ address })) - before === parseEther('1.25'));
  report('both deposits arrived');
});
