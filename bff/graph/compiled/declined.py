"""What compiled execution does not do."""


class DeclinedError(Exception):
    """Something is left to graphql-core: a selection, or a value, that is not expected."""
