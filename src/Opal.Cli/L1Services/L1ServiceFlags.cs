using Opal.Cli.Flags;
using static Opal.Cli.Flags.FlagEffect;
using static Opal.Cli.Flags.FlagKind;
using static Opal.Cli.Flags.FlagLevel;

namespace Opal.Cli.L1Services;

/// <summary>The flags that batcher and proposer share: op-batcher's and op-proposer's names, variables and defaults, and ours for key files.</summary>
internal static class L1ServiceFlags
{
    public const string Key = "KEY", Sending = "TRANSACTIONS ON L1", Api = "RPC";

    /// <summary>Where the account's key comes from.</summary>
    /// <param name="oldPath">The name that the key's path had before <c>hd-path</c>.</param>
    public static IEnumerable<FlagDefinition> Keys(string oldPath) =>
    [
        new("private-key", Text, "", Must, Key, "The account's private key, 64 hexadecimal digits; give it in the variable, for 'ps' shows command lines to everybody") { IsSecret = true },
        new("private-key-file", FilePath, "", Should, Key, "File that holds the private key"),
        new("keystore", FilePath, "", Should, Key, "Encrypted key file, Web3 Secret Storage version 3, as geth and cast write it"),
        new("keystore-password-file", FilePath, "", Should, Key, "File whose first line is the password of --keystore"),
        new("mnemonic", Text, "", Should, Key, "BIP-39 mnemonic; needs --hd-path") { IsSecret = true },
        new("hd-path", Text, "", Should, Key, "BIP-32 path of the key, as m/44'/60'/0'/0/0") { Aliases = [oldPath] },
        new("signer.endpoint", Url, "", Should, Key, "Signer service that signs with eth_signTransaction; needs --signer.address"),
        new("signer.address", FlagKind.HexAddress, "", Should, Key, "The account that the service signs for"),
        new("signer.header", List, "", Should, Key, "Headers sent to the service, NAME=VALUE") { IsSecret = true },
        new("signer.tls.enabled", Bool, "true", Should, Key, "Show the service a client certificate, and take its own only from --signer.tls.ca"),
        new("signer.tls.ca", FilePath, "tls/ca.crt", Should, Key, "The authority that signed the service's certificate, PEM"),
        new("signer.tls.cert", FilePath, "tls/tls.crt", Should, Key, "Our certificate, PEM"),
        new("signer.tls.key", FilePath, "tls/tls.key", Should, Key, "Its key, PEM"),
    ];

    /// <summary>How transactions are priced, repeated and confirmed.</summary>
    public static IEnumerable<FlagDefinition> Transactions() =>
    [
        new("num-confirmations", Number, "10", Must, Sending, "L1 blocks that a transaction must be deep, its own included"),
        new("safe-abort-nonce-too-low-count", Number, "3", Must, Sending, "Times L1 may say that a nonce is taken, without a receipt in sight, before the transaction is given up"),
        new("resubmission-timeout", Duration, "48s", Must, Sending, "How long a transaction may wait before its fees are raised"),
        new("network-timeout", Duration, "10s", Should, Sending, "Time-out of one request to L1"),
        new("fee-limit-multiplier", Number, "5", Should, Sending, "How many times the price of the moment a raised fee may be") { Variables = ["TXMGR_FEE_LIMIT_MULTIPLIER"] },
        new("txmgr.fee-limit-threshold", Gwei, "100", Should, Sending, "Fee below which that limit does not bind, gwei"),
        new("txmgr.min-basefee", Gwei, "1", Should, Sending, "Least base fee reckoned with, gwei") { Variables = ["TXMGR_MIN_BASEFEE"] },
        new("txmgr.max-basefee", Gwei, "", Should, Sending, "Base fee above which nothing is sent until it falls, gwei; no limit by default"),
        new("txmgr.min-tip-cap", Gwei, "1", Should, Sending, "Least tip, gwei"),
        new("txmgr.max-tip-cap", Gwei, "", Should, Sending, "Tip above which nothing is sent until it falls, gwei; no limit by default"),
        new("txmgr.min-blob-tx-fee", Gwei, "1", Later, Sending, "Least blob fee offered, gwei"),
        new("txmgr.send-timeout", Duration, "0s", Should, Sending, "How long sending may take altogether; 0 as long as it takes") { Variables = ["TXMGR_TX_SEND_TIMEOUT"] },
        new("txmgr.not-in-mempool-timeout", Duration, "2m", Should, Sending, "How long to try to get a transaction into L1's pool at all") { Variables = ["TXMGR_TX_NOT_IN_MEMPOOL_TIMEOUT"] },
        new("txmgr.receipt-query-interval", Duration, "12s", Should, Sending, "How often L1 is asked for receipts"),
        new("txmgr.cell-proof-time", Number, "", Should, Sending, "L1 time in seconds from which blobs carry cell proofs (Fusaka); public L1s are known"),
        new("txmgr.rebroadcast-interval", Duration, "12s", Should, Sending, "How often L1's pools are asked whether they still hold an unmined transaction, and are given it again; 0 never"),
        new("txmgr.retry-interval", Duration, "1s", Should, Sending, "Pause before a transaction is offered again that no pool took"),
        new("txmgr.max-retries", Number, "10", Later, Sending, "Times it is offered again; here --txmgr.not-in-mempool-timeout ends that") { Effect = Hint },
        new("txmgr.already-published-custom-errs", List, "", Later, Sending, "Parts of error messages by which a provider says that it has the transaction already"),
    ];

    /// <summary>The service's own RPC.</summary>
    public static IEnumerable<FlagDefinition> Rpc() =>
    [
        new("rpc.addr", Text, "0.0.0.0", Must, Api, "Address to listen on"),
        new("rpc.port", Number, "8545", Must, Api, "Port to listen on; 0 takes any free one"),
        new("rpc.enable-admin", Bool, "false", Must, Api, "Serve admin_* and txmgr_*, which anybody who reaches the port may call"),
    ];
}
