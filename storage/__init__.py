"""What lasts: rows and bytes. The only room that knows SQL."""
