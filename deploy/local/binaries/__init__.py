"""The programs of the local control plane: where they come from, and where they are kept."""
