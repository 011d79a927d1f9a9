"""The Keras engine on TensorFlow: networks, data on the device, compiled training loops and what is measured of them."""
