"""One case: what it amounts to, its mesh, its run, and how it goes on."""
