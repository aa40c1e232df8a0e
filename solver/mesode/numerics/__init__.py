"""Time integration and solvers; knows no batteries."""
