"""The `fruitstore` command as a program that Ctrl-C ends."""

COMMAND = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have switched Ctrl-C off for us
from compose.cli import app
app()
"""
