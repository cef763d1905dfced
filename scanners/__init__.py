"""What scanners that others made say of the templates: run, compared with what is accepted."""
