"""Does the jobs: one module for each feature, one registry."""
