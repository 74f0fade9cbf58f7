"""Slow proofs: each has its own make target, and a short form in the ordinary tests."""
