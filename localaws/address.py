"""Where a local AWS listens: on this machine only."""

HOST = "127.0.0.1"
DEFAULT_PORT = 4566
