"""One file here is one check: it declares ``CHECK``, and is found."""
