"""Plans on the command line: what is asked, what if it were otherwise, and how both are shown."""
