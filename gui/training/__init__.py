"""The Train page: from files to a model in use, watched as it learns."""
