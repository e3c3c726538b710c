"""Numbers that others send, which may be anything."""


def is_number(text: str) -> bool:
    """Whether ``text`` is a whole number that ``int`` reads, which "²" is not."""
    return text.isascii() and text.isdigit()
