[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[session]
unload-modules = nvidia_drm,nvidia
