"""Services: what asks somebody else over a network, and bears that he does not answer."""
