"""Accounts of Chinese, Russian and German diplomats and missions, from the R package `disinfo`."""
