"""Tickets to clusters: the k-NN graph, partitions, and the identity of topics over runs."""
