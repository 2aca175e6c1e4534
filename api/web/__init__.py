"""The web page: people upload, look, correct and ask here, by the same functions that the API calls."""
