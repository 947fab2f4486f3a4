"""Interactions of pseudonymous accounts on Twitter around the discovery of the Higgs boson, published by SNAP."""
