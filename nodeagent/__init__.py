"""The node agent: the only part that touches hardware. One per node; holds the node's budget on its own."""
