"""Reads a case folder: YAML files of documents, entities and claims, and the documents shipped with them."""
