"""A real Kubernetes control plane without containers, for the demo, the tests and the benchmarks."""
