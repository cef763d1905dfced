"""How it is built: one module per stack, and the vocabulary they share."""
