"""Tests of the programs that send tickets."""
