"""Pictures in, values out: the page ledger's workers and the models they show pages to."""
