"""How climatik is deployed, and the local control plane that it is tried on."""
