"""MLX: Whisper on Apple GPUs, and on any CPU that mlx runs on."""
