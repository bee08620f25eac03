"""Simulated devices, nodes and workloads: pure, deterministic under a seed, stepped with an explicit dt."""
