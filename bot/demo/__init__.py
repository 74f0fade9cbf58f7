"""The playground: a local stand-in for the Bot API and a page with three phones."""
