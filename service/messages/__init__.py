"""What clients read, in English and Spanish: the kinds of problems, and the sentences about them."""
