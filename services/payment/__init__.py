"""One payment per order, against a payment provider."""
