"""Importing items from files: readers that only parse, and one function that stores."""
