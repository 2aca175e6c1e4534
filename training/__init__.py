"""How the bundled model is made: the page renderer, the trainers of its three parts, and the scorer."""
