"""Recorders of a run: time series, fields, manifest; the time loop does not know them."""
