"""The ladder: which action cures a breach of watts with the least disruption, rung by rung (pure code)."""
