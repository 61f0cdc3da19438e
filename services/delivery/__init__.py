"""One delivery per paid order."""
