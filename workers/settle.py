"""What follows when the last item is final: the document's record, the job's result and state, the document's state."""
