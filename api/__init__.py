"""How people and programs reach the service: HTTP, command line, Python client."""
