[vm]

[gpu]
id = 10de:2486

[disk]
readonly = yes
