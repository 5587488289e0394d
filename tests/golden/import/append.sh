#!/bin/sh
# One long string that grows, and an old machine.
OPTS=""
OPTS="$OPTS -M pc-i440fx-5.2"
OPTS="$OPTS -m 4096"
OPTS="$OPTS -smp cores=2,threads=2"
OPTS="$OPTS -cpu host"
OPTS="$OPTS -hda disk.img -cdrom /isos/debian.iso"
OPTS="$OPTS -netdev user,id=u,hostfwd=tcp::2222-:22,hostfwd=udp:127.0.0.1:5000-:5001 -device e1000,netdev=u"
OPTS="$OPTS -device usb-host,vendorid=0x046d,productid=0xc52b"
OPTS="$OPTS -device usb-host,hostbus=1,hostport=2.3"
OPTS="$OPTS -device qxl -spice port=5900,disable-ticketing"
exec qemu-system-x86_64 $OPTS -watchdog-action reset
