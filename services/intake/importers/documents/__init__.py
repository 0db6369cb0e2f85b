"""Reading JSON, YAML and XML: the objects in them are records."""
