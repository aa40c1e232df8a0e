"""What a lithiation costs on this machine, and what another version of mesode takes for it."""
