namespace Opal.Cli.Tests.L1Services;

/// <summary>The flags that op-batcher and op-proposer share: name, variable without the program's prefix, default.</summary>
internal static class SharedUpstreamFlags
{
    public const string Lines = """
        private-key PRIVATE_KEY -
        mnemonic MNEMONIC -
        hd-path HD_PATH -
        signer.endpoint SIGNER_ENDPOINT -
        signer.address SIGNER_ADDRESS -
        signer.header SIGNER_HEADER -
        signer.tls.enabled SIGNER_TLS_ENABLED true
        signer.tls.ca SIGNER_TLS_CA tls/ca.crt
        signer.tls.cert SIGNER_TLS_CERT tls/tls.crt
        signer.tls.key SIGNER_TLS_KEY tls/tls.key
        num-confirmations NUM_CONFIRMATIONS 10
        safe-abort-nonce-too-low-count SAFE_ABORT_NONCE_TOO_LOW_COUNT 3
        resubmission-timeout RESUBMISSION_TIMEOUT 48s
        network-timeout NETWORK_TIMEOUT 10s
        fee-limit-multiplier TXMGR_FEE_LIMIT_MULTIPLIER 5
        txmgr.fee-limit-threshold TXMGR_FEE_LIMIT_THRESHOLD 100
        txmgr.min-basefee TXMGR_MIN_BASEFEE 1
        txmgr.max-basefee TXMGR_MAX_BASEFEE -
        txmgr.min-tip-cap TXMGR_MIN_TIP_CAP 1
        txmgr.max-tip-cap TXMGR_MAX_TIP_CAP -
        txmgr.rebroadcast-interval TXMGR_REBROADCAST_INTERVAL 12s
        txmgr.retry-interval TXMGR_RETRY_INTERVAL 1s
        txmgr.max-retries TXMGR_MAX_RETRIES 10
        txmgr.send-timeout TXMGR_TX_SEND_TIMEOUT 0s
        txmgr.not-in-mempool-timeout TXMGR_TX_NOT_IN_MEMPOOL_TIMEOUT 2m
        txmgr.receipt-query-interval TXMGR_RECEIPT_QUERY_INTERVAL 12s
        txmgr.already-published-custom-errs TXMGR_ALREADY_PUBLISHED_CUSTOM_ERRS -
        txmgr.cell-proof-time TXMGR_CELL_PROOF_TIME -
        rpc.addr RPC_ADDR 0.0.0.0
        rpc.port RPC_PORT 8545
        rpc.enable-admin RPC_ENABLE_ADMIN false
        metrics.enabled METRICS_ENABLED false
        metrics.addr METRICS_ADDR 0.0.0.0
        metrics.port METRICS_PORT 7300
        pprof.enabled PPROF_ENABLED false
        pprof.addr PPROF_ADDR 0.0.0.0
        pprof.port PPROF_PORT 6060
        log.level LOG_LEVEL info
        log.format LOG_FORMAT text
        log.color LOG_COLOR *
        log.pid LOG_PID false
        """;
}
