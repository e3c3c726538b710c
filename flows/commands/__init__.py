"""The commands of ``brinkwatch``, a module each. Heavy packages are imported where a command needs them, so that
``--help`` and ``sql`` answer at once."""
