"""What a profile looks like: on the terminal, in files, as a page, in TensorBoard."""
