"""From the image of a section to polygons."""
