"""From tickets to clusters: the k-NN graph, partitions, the identity of topics over runs."""
