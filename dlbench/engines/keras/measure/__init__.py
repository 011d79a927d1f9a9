"""What is measured of a trained network: scores, times, pictures and its size when deployed."""
