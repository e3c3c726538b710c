"""The base of every error a user can cause and mend."""


class BrinkwatchError(Exception):
    """Says what is wrong, where, and what to do; shown without a traceback."""
