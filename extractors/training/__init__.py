"""How the reader is made: examples, training, export, measuring. Nothing at run time imports it."""
