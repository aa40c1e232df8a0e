"""The steps of an experiment: control, end conditions, order."""
