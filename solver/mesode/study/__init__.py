"""One run from a configuration, and sets of runs."""
