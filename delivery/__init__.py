"""How templates get to AWS: publishing, change sets, stack states, progress, the command line."""
