"""Read a run folder and picture it; works on files alone, without DOLFINx."""
