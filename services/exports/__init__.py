"""Export archives: what is stored as JSON lines, CSV or Parquet, and back into a database."""
