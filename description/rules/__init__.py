"""Rules over several sections of a description: each finds what breaks it."""
