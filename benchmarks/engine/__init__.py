"""Where the engine's time goes: the facts that its design builds on, measured anew on the machine at hand."""
