"""Exports: the answer to a question as a file, one module for each format."""
