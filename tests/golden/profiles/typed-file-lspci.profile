01:00.0 VGA compatible controller: NVIDIA
01:00.1 Audio device: NVIDIA
02:00.0 Non-Volatile memory controller: Samsung
