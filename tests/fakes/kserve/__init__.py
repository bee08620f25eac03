"""KServe as far as replica counts go: CRDs with the fields touched, and controllers that make the scalers."""
