qemu-system-x86_64 -enable-kvm -m 4G \
 -device vfio-pci,host=01:00.0 \
 -nographic
