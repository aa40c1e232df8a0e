"""A survey of a section: sizes, surfaces, quality, networks, transport, and what is cut off."""
