"""What a section amounts to: areas, surfaces, networks, quality, pictures."""
