"""Solids at finite strain, UFL only: one law a file."""
