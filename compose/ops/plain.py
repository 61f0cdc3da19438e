"""Text of others made fit for a terminal."""


def visible(text: str) -> str:
    r"""One line, in which whatever a terminal would obey, hide or choke on is written out, as `\x1b`."""
    return "".join(each if each.isprintable() else _written_out(each) for each in text)


def _written_out(character: str) -> str:
    return character.encode("unicode_escape").decode()
