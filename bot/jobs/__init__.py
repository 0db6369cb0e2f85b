"""Every kind of job as a typed dataclass, and who must be told next."""
