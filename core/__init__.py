"""The ground floor: settings, errors, shared records and logs. It imports nothing of the other rooms."""
