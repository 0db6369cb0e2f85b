"""Topics as a map, a picture and a page."""
