[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[disk]
path = $HOME/a.qcow2
[disk]
path = ${HOME}/b.raw
[disk]
path = %USERPROFILE%\c.raw
