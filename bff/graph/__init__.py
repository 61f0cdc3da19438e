"""The GraphQL API: one file per operation, assembled in `root`."""
