"""Which pod is on which GPU: asked of the kubelet, joined with what the API server says of the pods."""
