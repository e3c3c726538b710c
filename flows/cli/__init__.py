"""The command line ``brinkwatch``: ``__main__`` puts it together, and each command has a module.

Heavy packages are imported where a command needs them, so that ``--help`` and ``sql`` answer at once. Nothing imports
this package.
"""
