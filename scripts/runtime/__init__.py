"""What several engines share: frames of sound, ONNX networks, CUDA libraries, weights."""
