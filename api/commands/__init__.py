"""The commands of `folioscope`, by what they are about. Each is a few lines around the client or the service."""
