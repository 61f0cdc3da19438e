"""What stops a stack from starting, in one sentence for whoever started it."""


class Trouble(Exception):  # noqa: N818 - it is what the user is in, not what the program did wrong
    """One clear sentence: what is wrong, and what to do about it."""
