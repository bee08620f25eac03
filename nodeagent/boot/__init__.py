"""The first moments of a boot: limits are gone with the driver, and no agent runs before the kubelet does."""
