"""The base class of every error that a user can cause and fix."""


class BrinkwatchError(Exception):
    """Says what is wrong, where, and what to do; shown without a traceback."""
