"""Heat-aware placement in a made-up room (``room``)."""
