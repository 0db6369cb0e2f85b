"""The embedding model that is used unless the settings name another, and what is known of it.

Reading the settings and asking for the model's fingerprint need no more than this.
"""

from __future__ import annotations

DEFAULT_MODEL = "all-MiniLM-L6-v2"
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DEFAULT_DIM = 384
DEFAULT_MAX_TOKENS = 256
