"""What a process really ran: code, packages, programs."""
