"""A real Kubernetes control plane on one machine, without containers: for the demo, the tests and the benchmarks."""
