"""What the bot knows: the content pack and how a question is matched to it."""
