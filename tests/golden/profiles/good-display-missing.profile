[vm]
memory = 4G
