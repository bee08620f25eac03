"""The devices of this node as one thing that can be told what to do: workers, faults, writes, read back."""
