"""Measurements: run by hand, never asserted on by the clock."""
