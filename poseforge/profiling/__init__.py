"""Where a model's time and memory go, and how far each layer is from what the machine can do."""
