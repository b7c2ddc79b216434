"""What `$submit-measurement` takes in: the entries of its Bundle, and what each must be."""
