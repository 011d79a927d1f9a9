"""Training loops: steps, programs, optimisers and the devices that they run on."""
