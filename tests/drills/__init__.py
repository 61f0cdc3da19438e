"""Drills: the whole system while things break, and whether what customers were told is true."""
