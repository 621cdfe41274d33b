// Packs the official compiled contracts that Opal deploys into one small file, which the deployer embeds.
//
//   node eng/bundle-contracts.mjs NODE_MODULES OUT
//
// Reads NODE_MODULES/@eth-optimism/contracts-bedrock (forge artifacts, and the hex literals of Preinstalls.sol) and writes OUT,
// gzipped JSON:
//   { package, version,
//     contracts:   { NAME: { abi, initCode, runtimeCode, immutableReferences, storageLayout } },
//     preinstalls: { NAME: { address, code } } }
// The output depends on the package alone: keys are sorted and the gzip header carries no time and no platform.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync, constants } from 'node:zlib';

const PACKAGE = '@eth-optimism/contracts-bedrock';

const CONTRACTS = [
  // L1
  'AddressManager', 'AlphabetVM', 'AnchorStateRegistry', 'DataAvailabilityChallenge', 'DelayedWETH', 'DisputeGameFactory',
  'FaultDisputeGame', 'L1ChugSplashProxy', 'L1CrossDomainMessenger', 'L1ERC721Bridge', 'L1StandardBridge', 'L2OutputOracle', 'MIPS',
  'OptimismMintableERC20', 'OptimismMintableERC20Factory', 'OptimismPortal', 'OptimismPortal2', 'PermissionedDisputeGame',
  'PreimageOracle', 'ProtocolVersions', 'Proxy', 'ProxyAdmin', 'ResolvedDelegateProxy', 'StorageSetter', 'SuperchainConfig',
  'SystemConfig',
  // L2
  'BaseFeeVault', 'DeployerWhitelist', 'EAS', 'GasPriceOracle', 'GovernanceToken', 'L1Block', 'L1BlockNumber', 'L1FeeVault',
  'L2CrossDomainMessenger', 'L2ERC721Bridge', 'L2StandardBridge', 'L2ToL1MessagePasser', 'LegacyMessagePasser',
  'OptimismMintableERC721', 'OptimismMintableERC721Factory', 'SchemaRegistry', 'SequencerFeeVault', 'WETH',
];

// The names that the genesis generator asks for; a package whose Preinstalls.sol lacks one is refused here, not at run time.
const PREINSTALLS = [
  'BeaconBlockRoots', 'Create2Deployer', 'DeterministicDeploymentProxy', 'EntryPoint', 'MultiCall3', 'MultiSendCallOnly_v130',
  'MultiSend_v130', 'Permit2', 'SafeL2_v130', 'SafeSingletonFactory', 'Safe_v130', 'SenderCreator',
];

function fail(message) {
  console.error(`bundle-contracts: ${message}`);
  process.exit(1);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return fail(`cannot read ${path}: ${error.message}; run 'npm ci --ignore-scripts' in contracts/`);
  }
}

/** An ABI entry without the compiler's extras (internalType and the like), which nobody reads and which are most of its size. */
function trimAbi(entry) {
  const kept = {};
  for (const key of ['type', 'name', 'stateMutability', 'anonymous', 'indexed']) if (entry[key] !== undefined) kept[key] = entry[key];
  for (const key of ['inputs', 'outputs', 'components']) if (entry[key] !== undefined) kept[key] = entry[key].map(trimAbi);
  return kept;
}

function code(object, what) {
  if (typeof object !== 'string' || !/^0x(?:[0-9a-f]{2})+$/.test(object)) fail(`${what} is not linked bytecode`);
  return object;
}

function contract(artifacts, name) {
  const artifact = readJson(join(artifacts, `${name}.sol`, `${name}.json`));
  const immutable = Object.entries(artifact.deployedBytecode.immutableReferences ?? {})
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, places]) => places.map((place) => {
      if (place.length !== 32) fail(`${name}: an immutable of ${place.length} bytes`);
      return place.start;
    }));
  return {
    abi: artifact.abi.map(trimAbi),
    initCode: code(artifact.bytecode.object, `${name}: bytecode`),
    runtimeCode: code(artifact.deployedBytecode.object, `${name}: deployedBytecode`),
    immutableReferences: immutable, // offsets into runtimeCode, one list an immutable, in order of declaration
    storageLayout: (artifact.storageLayout?.storage ?? []).map(({ label, slot, offset, type }) => ({ label, slot, offset, type })),
  };
}

function preinstalls(source) {
  const address = (name) => source.match(new RegExp(`address internal constant ${name} = (0x[0-9a-fA-F]{40});`))?.[1]
    ?? fail(`Preinstalls.sol has no address of ${name}`);
  const bytes = (name) => {
    const constant = name === 'Permit2' ? 'Permit2TemplateCode' : `${name}Code`;
    const hex = source.match(new RegExp(`bytes internal constant ${constant} =\\s*hex"([0-9a-fA-F]+)";`))?.[1]
      ?? fail(`Preinstalls.sol has no code of ${name}`);
    return `0x${hex.toLowerCase()}`;
  };
  return Object.fromEntries(PREINSTALLS.map((name) => [name, { address: address(name), code: bytes(name) }]));
}

/** The same value with every object's keys in order, so that the text is a function of the value. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

const [nodeModules, out] = process.argv.slice(2);
if (!nodeModules || !out) fail('usage: bundle-contracts.mjs NODE_MODULES OUT');

const root = join(nodeModules, PACKAGE);
const { version } = readJson(join(root, 'package.json'));
const artifacts = join(root, 'forge-artifacts');
const bundle = sorted({
  package: PACKAGE,
  version,
  contracts: Object.fromEntries(CONTRACTS.map((name) => [name, contract(artifacts, name)])),
  preinstalls: preinstalls(readFileSync(join(root, 'src', 'libraries', 'Preinstalls.sol'), 'utf8')),
});

const packed = gzipSync(Buffer.from(JSON.stringify(bundle)), { level: constants.Z_BEST_COMPRESSION });
packed.fill(0, 4, 8); // time
packed[9] = 255; // operating system: unknown
mkdirSync(dirname(out), { recursive: true });
writeFileSync(`${out}.part`, packed);
renameSync(`${out}.part`, out);
console.log(`${CONTRACTS.length} contracts and ${PREINSTALLS.length} preinstalls of ${PACKAGE} ${version}: ${packed.length} bytes`);
