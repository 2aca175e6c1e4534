"""Documents to try the product with, rendered by the project itself, with what stands in them."""
