"""The models. This room knows no database, queue or web framework."""
