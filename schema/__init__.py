"""The language: what the rooms of the system may say to one another, and nothing else."""
