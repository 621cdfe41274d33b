using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Conformance.Tests.ProtocolTests;

public class FeeVectorTests
{
    private static L1CostFormula FormulaOf(string fork) => fork switch
    {
        "bedrock" => L1CostFormula.Bedrock,
        "regolith" => L1CostFormula.Regolith,
        "ecotone" => L1CostFormula.Ecotone,
        "fjord" => L1CostFormula.Fjord,
        _ => throw new InvalidDataException(fork),
    };

    [VectorFact]
    public void L1_fees_are_the_official_ones()
    {
        int count = 0;
        foreach (JsonElement test in JsonValues.Load("opstack/l1-fee.json").EnumerateArray())
        {
            string name = test.At("name").GetString()!;
            JsonElement given = test.At("params");
            var parameters = new L1FeeParameters
            {
                BaseFee = given.Has("l1BaseFee") ? given.At("l1BaseFee").Number() : UInt256.Zero,
                Overhead = given.Has("overhead") ? given.At("overhead").Number() : UInt256.Zero,
                Scalar = given.Has("scalar") ? given.At("scalar").Number() : UInt256.Zero,
                BlobBaseFee = given.Has("blobBaseFee") ? given.At("blobBaseFee").Number() : UInt256.One,
                BaseFeeScalar = (uint)(given.OptionalULong("baseFeeScalar") ?? 0),
                BlobBaseFeeScalar = (uint)(given.OptionalULong("blobBaseFeeScalar") ?? 0),
            };
            L1CostFormula formula = FormulaOf(test.At("fork").GetString()!);
            byte[] encoded = test.At("tx").Bytes();
            if (test.Has("expectedL1Fee")) Assert.True(test.At("expectedL1Fee").Number() == parameters.L1Cost(formula, encoded), name);
            if (test.Has("expectedL1GasUsed")) Assert.True(test.At("expectedL1GasUsed").Number() == parameters.L1GasUsed(formula, encoded), name);
            count++;
        }

        Assert.Equal(15, count);
    }

    [VectorFact]
    public void Operator_fees_are_the_official_ones()
    {
        foreach (JsonElement test in JsonValues.Load("opstack/operator-fee.json").EnumerateArray())
        {
            OperatorFeeFormula formula = test.At("fork").GetString() == "jovian" ? OperatorFeeFormula.Jovian : OperatorFeeFormula.Isthmus;
            var parameters = new L1FeeParameters
            {
                OperatorFeeScalar = (uint)test.At("operatorFeeScalar").ULong(),
                OperatorFeeConstant = test.At("operatorFeeConstant").ULong(),
            };
            if (test.Has("expected"))
            {
                Assert.Equal(test.At("expected").Number(), parameters.OperatorFee(formula, test.At("gas").ULong()));
            }
            else
            {
                const ulong Limit = 1_000_000;
                UInt256 refund = parameters.OperatorFee(formula, Limit) - parameters.OperatorFee(formula, Limit - test.At("gasRemaining").ULong());
                Assert.Equal(test.At("expectedRefund").Number(), refund);
            }
        }
    }

    [VectorTheory]
    [InlineData("opstack/fastlz-length.json", 5)]
    [InlineData("opstack/fastlz-length-real.json.gz", 124)]
    public void FastLz_lengths_are_the_official_ones(string file, int expected)
    {
        int count = 0;
        foreach (JsonElement test in JsonValues.Load(file).EnumerateArray())
        {
            JsonElement length = test.Has("len") ? test.At("len") : test.At("length");
            JsonElement input = test.Has("input") ? test.At("input") : test.At("tx");
            Assert.Equal((int)length.ULong(), FastLz.CompressedLength(input.Bytes()));
            count++;
        }

        Assert.Equal(expected, count);
    }

    [VectorFact]
    public void Extra_data_is_encoded_and_decoded_as_official()
    {
        foreach (JsonElement test in JsonValues.Load("opstack/eip1559-extradata.json").EnumerateArray())
        {
            switch (test.At("op").GetString())
            {
                case "encode":
                {
                    JsonElement defaults = test.At("default");
                    Rules rules = ForkRules.Jovian with
                    {
                        BaseFeeDenominator = (uint)defaults.At("denominator").ULong(), Elasticity = (uint)defaults.At("elasticity").ULong(),
                    };
                    Assert.True(Eip1559ExtraData.TryFromParams(test.At("eip1559Params").Bytes(), rules, test.OptionalULong("minBaseFee"), out Eip1559ExtraData made));
                    Assert.Equal(test.At("expected").Bytes(), made.Encode());
                    break;
                }

                case "decode":
                {
                    byte[] extraData = test.At("extraData").Bytes();
                    bool ok = test.At("fork").GetString() == "jovian"
                        ? Eip1559ExtraData.TryDecodeJovian(extraData, out _)
                        : Eip1559ExtraData.TryDecodeHolocene(extraData, out _);
                    Assert.Equal(!test.Has("expectedError"), ok);
                    break;
                }

                default:
                {
                    var config = new SystemConfig
                    {
                        Eip1559Denominator = (uint)test.At("denominator").ULong(), Eip1559Elasticity = (uint)test.At("elasticity").ULong(),
                    };
                    Assert.Equal(test.At("expected").Bytes(), config.Eip1559Params());
                    break;
                }
            }
        }
    }
}
