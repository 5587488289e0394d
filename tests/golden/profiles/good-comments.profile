# a comment
; another
[vm] # the machine
memory = 4G ; enough
  # indented
	cpus = 2	# tab

[gpu]
device = 0000:01:00.0
