"""The system in containers: everything from outside, through the edge, as whoever runs and uses it would."""
