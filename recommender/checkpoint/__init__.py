"""What was learned, kept where a restart finds it: in a file, or in a few ConfigMaps of our namespace."""
