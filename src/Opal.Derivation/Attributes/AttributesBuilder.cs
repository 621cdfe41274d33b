using System.Buffers.Binary;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Makes payload attributes out of the L1 origin and the parent's system config. Pure; shared by the pipeline and the sequencer.</summary>
/// <remarks>Spec: derivation.md#building-individual-payload-attributes; cases D-AT, D-LI, D-UP.</remarks>
public sealed class AttributesBuilder
{
    private readonly RollupConfig _config;
    private readonly BlobSchedule _l1Blobs;
    private readonly NetworkUpgrades _upgrades;

    /// <summary>A builder for a rollup.</summary>
    /// <param name="config">The rollup.</param>
    /// <param name="l1Blobs">The blob schedule of L1, which the blob base fee follows.</param>
    /// <param name="upgrades">The network upgrade transactions. A fork without a bundle activates without transactions.</param>
    public AttributesBuilder(RollupConfig config, BlobSchedule l1Blobs, NetworkUpgrades upgrades) => (_config, _l1Blobs, _upgrades) = (config, l1Blobs, upgrades);

    /// <summary>The attributes of the block after <paramref name="parent"/>: L1 attributes deposit, user deposits, upgrade deposits; no sequenced transactions, <c>NoTxPool</c> set.</summary>
    /// <param name="parent">The block to build on.</param>
    /// <param name="parentConfig">The system config as the parent block carries it (<see cref="TrySystemConfigOf"/>).</param>
    /// <param name="origin">The L1 origin of the new block: the parent's, or the one after it. Only the header is read.</param>
    /// <param name="originReceipts">The origin's receipts; needed only where the origin is not the parent's and its filter may hold logs of the rollup.</param>
    public AttributesResult Build(in L2BlockRef parent, SystemConfig parentConfig, L1Block origin, L1Receipts? originReceipts)
    {
        EpochLogs logs = EpochLogs.None;
        if (origin.Header.Number != parent.L1Origin.Number && EpochLogs.MayBeIn(origin.Header, _config))
        {
            if (originReceipts is null) return AttributesResult.Failed(AttributesFault.ReceiptsRequired);
            if (originReceipts.BlockHash != origin.Hash) return AttributesResult.Failed(AttributesFault.OriginMismatch);
            logs = EpochLogs.Of(originReceipts, _config);
        }

        return Build(parent, parentConfig, origin.Header, logs, []);
    }

    internal AttributesResult Build(in L2BlockRef parent, SystemConfig systemConfig, BlockHeader origin, EpochLogs originLogs, IReadOnlyList<byte[]> sequenced)
    {
        var time = new L2Time(parent.Timestamp + _config.BlockTimeSeconds);
        ulong sequenceNumber = 0;
        var deposits = new List<byte[]>();
        if (origin.Number != parent.L1Origin.Number)
        {
            if (origin.ParentHash != parent.L1Origin.Hash) return AttributesResult.Failed(AttributesFault.OriginMismatch);
            if (!originLogs.TryAddDeposits(origin.Hash, deposits)) return AttributesResult.Failed(AttributesFault.MalformedDeposit);
            systemConfig = originLogs.ApplyUpdates(systemConfig, origin, _config, observer: null);
        }
        else
        {
            if (origin.Hash != parent.L1Origin.Hash) return AttributesResult.Failed(AttributesFault.OriginMismatch);
            sequenceNumber = parent.SequenceNumber + 1;
        }

        if (time.Seconds < origin.Timestamp) return AttributesResult.Failed(AttributesFault.TimeBeforeOrigin);
        if (!L1BlockInfo.TryBuild(_config, _l1Blobs, systemConfig, sequenceNumber, origin, time, out L1BlockInfo? info))
        {
            return AttributesResult.Failed(AttributesFault.InvalidSystemConfig);
        }

        var transactions = new List<byte[]>(1 + deposits.Count + sequenced.Count)
        {
            info!.ToDepositTransaction(_config.IsActive(OptimismFork.Regolith, time)).Encoded,
        };
        transactions.AddRange(deposits);
        ulong upgradeGas = AddUpgrades(time, transactions);
        for (int i = 0; i < sequenced.Count; i++) transactions.Add(sequenced[i]);
        return AttributesResult.Of(
            new PayloadAttributes
            {
                Timestamp = time.Seconds,
                PrevRandao = origin.MixHash,
                SuggestedFeeRecipient = Predeploys.SequencerFeeVault,
                Withdrawals = _config.IsActive(OptimismFork.Canyon, time) ? [] : null,
                ParentBeaconBlockRoot = _config.IsActive(OptimismFork.Ecotone, time) ? origin.ParentBeaconBlockRoot ?? Hash256.Zero : null,
                Transactions = transactions,
                NoTxPool = true,
                GasLimit = unchecked(systemConfig.GasLimit + upgradeGas),
                Eip1559Params = _config.IsActive(OptimismFork.Holocene, time) ? systemConfig.Eip1559Params() : null,
                MinBaseFee = _config.IsActive(OptimismFork.Jovian, time) ? systemConfig.MinBaseFee : null,
            },
            sequenceNumber);
    }

    /// <summary>Adds the upgrade deposits of every fork whose activation block this is, in fork order.</summary>
    /// <returns>The gas that the block's limit grows by.</returns>
    private ulong AddUpgrades(L2Time time, List<byte[]> transactions)
    {
        ulong gas = 0;
        for (OptimismFork fork = OptimismFork.Regolith; fork <= OptimismFork.Karst; fork++)
        {
            if (!_config.IsActivationBlock(fork, time) || _upgrades.Of(fork) is not { } bundle) continue;
            for (int i = 0; i < bundle.Transactions.Count; i++) transactions.Add(bundle.Transactions[i].Encoded);
            gas += bundle.ExtraGas;
        }

        return gas;
    }

    /// <summary>Recovers the system config that an L2 block carries: L1 attributes, gas limit and extraData.</summary>
    public bool TrySystemConfigOf(Block block, out SystemConfig config)
    {
        bool read = SystemConfigReader.TryRead(_config, _upgrades, block.Header, block.Transactions.Length > 0 ? block.Transactions[0] : null, out SystemConfig? found);
        config = found ?? new SystemConfig();
        return read;
    }

    /// <summary>The system config that the block made from attributes will carry; the same as reading it back from the block.</summary>
    internal bool TryConfigAfter(PayloadAttributes attributes, ulong blockNumber, out SystemConfig? config)
    {
        config = null;
        if (attributes.Transactions.Count == 0 || !Transaction.TryDecode(attributes.Transactions[0], out Transaction? first, out _)) return false;
        byte[] extraData = [];
        if (attributes.Eip1559Params is { } parameters)
        {
            uint denominator = BinaryPrimitives.ReadUInt32BigEndian(parameters);
            uint elasticity = BinaryPrimitives.ReadUInt32BigEndian(parameters.AsSpan(4));
            if (denominator == 0)
            {
                denominator = _config.FeeMarket.DenominatorCanyon;
                elasticity = _config.FeeMarket.Elasticity;
            }

            extraData = new Eip1559ExtraData(denominator, elasticity, attributes.MinBaseFee).Encode();
        }

        var header = new BlockHeader { Number = blockNumber, Timestamp = attributes.Timestamp, GasLimit = attributes.GasLimit ?? 0, ExtraData = extraData };
        return SystemConfigReader.TryRead(_config, _upgrades, header, first, out config);
    }

    /// <summary>Reads an L2 block's place in the chain and in its epoch.</summary>
    public bool TryRefOf(Block block, out L2BlockRef reference)
    {
        BlockHeader header = block.Header;
        reference = new L2BlockRef(header.Hash, header.Number, header.ParentHash, header.Timestamp, _config.GenesisL1, 0);
        if (header.Number == _config.GenesisL2.Number) return header.Hash == _config.GenesisL2.Hash;
        if (block.Transactions.Length == 0 || !L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info)) return false;
        reference = reference with { L1Origin = info!.L1Origin, SequenceNumber = info.SequenceNumber };
        return true;
    }
}
