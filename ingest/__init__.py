"""Bytes in, page pictures out: what a file is, whether it is welcome, and how its pages are drawn in a cage."""
