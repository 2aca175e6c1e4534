"""What pages are built of: each block sets its text at a place, notes its facts and says where it ended."""
