"""Any checkpoint by path or hub id, through the Auto classes, each family asked in its own way."""
