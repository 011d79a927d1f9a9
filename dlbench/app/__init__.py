"""Layer 8: what the commands do, as functions that return values and report progress to a listener. The command line and the Python
interface are two thin faces of it; nothing here prints, reads the terminal or ends the process."""
