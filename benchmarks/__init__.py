"""What measures speed and quality: `python -m benchmarks [NAME …] [--quick]`."""
