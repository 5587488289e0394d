[Unit]
Description=win10
[Service]
ExecStart=/usr/bin/qemu-system-x86_64
