"""Watts of a workload from its load, learned as it runs; which workloads are alike.

``key`` needs no numpy, so that admission can tell alike workloads as well: import it by its module.
"""
