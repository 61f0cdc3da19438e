"""What an order costs each part of the system; run with `python -m tests.bench.footprint`."""
