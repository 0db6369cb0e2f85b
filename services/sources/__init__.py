"""Programs that send tickets: who they are, how they sign, what they say."""
