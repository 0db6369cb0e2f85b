"""What programs print when they fail."""
