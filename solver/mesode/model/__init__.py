"""Where mesh, physics and numerics meet: the system of equations of a section."""
