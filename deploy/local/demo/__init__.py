"""``make demo``: the whole loop on a real control plane, watched, measured, and given back."""
