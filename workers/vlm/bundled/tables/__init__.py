"""Tables on a page: from words with places to rows with cells, by geometry and by what titles usually mean."""
