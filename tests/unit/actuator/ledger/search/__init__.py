"""Every interleaving of a small instance: two nodes, one domain, one takeover with both leaders acting."""
