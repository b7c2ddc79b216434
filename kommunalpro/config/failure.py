"""How a command says no."""


class CommandFailed(Exception):
    """The command cannot do what was asked; the message is one line for whoever typed it."""
