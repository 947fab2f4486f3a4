"""Bulk loading: datasets of any size, compared with what is stored and written in batches."""
