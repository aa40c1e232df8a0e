"""Carbon-binder between particles: film, bridges, patches, clusters."""
