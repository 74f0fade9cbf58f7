"""Thin handlers: read the update, call content or storage, show a view."""
