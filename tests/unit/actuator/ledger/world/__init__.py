"""A small world around the ledger: a store, caches that lag, leaders that overlap, agents that crash."""
