"""How long things take, measured beside other tools in one run: ``python -m benchmarks``."""
