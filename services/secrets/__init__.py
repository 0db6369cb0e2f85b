"""Secrets in the database: encrypted, decrypted where they are used, moved from key to key."""
