"""Meshes that were made elsewhere."""
