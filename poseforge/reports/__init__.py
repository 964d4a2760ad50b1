"""What a set of predictions is worth, as a folder to publish: numbers, tables and pictures."""
