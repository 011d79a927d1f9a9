"""Layer 3: tensor functions that techniques are made of."""
