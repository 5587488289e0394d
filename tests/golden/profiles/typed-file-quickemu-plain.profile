guest_os="linux"
disk_img="a/disk.qcow2"
