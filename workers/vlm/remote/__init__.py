"""Models behind an API: pages are sent inside the request, and nothing that comes back is believed unseen."""
