[vm]
memory = 4
#!/usr/bin/env -S sudo vfio-run

[gpu]
device = 0000:01:00.0
