[vm]
memory = "4G"
[gpu]
device = ["01:00.0", "01:00.1"]
