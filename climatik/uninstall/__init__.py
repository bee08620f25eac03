"""Uninstall: what of ours is in the cluster, how it is taken back, and the proof that it was."""
