"""Particles: sizes, shapes, packing, clusters, contacts, insides, coated arcs."""
