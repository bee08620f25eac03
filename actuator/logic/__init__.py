"""Pure decisions beside the ledger: gate, set points, releases, conditions, words for people."""
