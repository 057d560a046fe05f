"""What the person at the terminal is told."""


class OperatorError(Exception):
    """Nothing is wrong with the program: the message is one sentence, and says what to do."""
