"""The routes, a file a noun: each opens a session, calls storage, shapes the answer, closes, and sends a hint."""
