"""What the bot remembers; the only room with SQL."""
