"""DOLFINx meshes: sub-meshes, entity maps, interface entities; no physics."""
