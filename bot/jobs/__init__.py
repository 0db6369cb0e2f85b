"""Every kind of job as a typed dataclass, and which jobs follow."""
