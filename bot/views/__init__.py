"""Pure functions from a domain object to text and keyboard."""
