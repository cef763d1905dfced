"""What runs: the typed description of a payment system, read from ``systems/*.yaml``."""
