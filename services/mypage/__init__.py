"""The CQRS projection: one document per order, made of facts."""
