"""Commands for the programs that send tickets."""
