"""cfn-lint: the process that runs it, what it has to read of a system, what it found before."""
