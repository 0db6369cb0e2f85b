"""How the rows of a table become tickets, decided before they are read."""
