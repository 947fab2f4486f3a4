"""Diplomatic missions of all states, from the Database of embassies."""
