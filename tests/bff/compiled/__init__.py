"""Compiled execution, held against graphql-core."""
