[vm]
memory = 4G
nvram = $HOME/VARS.fd

[gpu]
device = 0000:01:00.0
