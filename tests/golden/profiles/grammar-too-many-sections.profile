[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[disk]
path = /vms/0.raw

[disk]
path = /vms/1.raw

[disk]
path = /vms/2.raw

[disk]
path = /vms/3.raw

[disk]
path = /vms/4.raw

[disk]
path = /vms/5.raw

[disk]
path = /vms/6.raw

[disk]
path = /vms/7.raw

[disk]
path = /vms/8.raw

[disk]
path = /vms/9.raw

[disk]
path = /vms/10.raw

[disk]
path = /vms/11.raw

[disk]
path = /vms/12.raw

[disk]
path = /vms/13.raw

[disk]
path = /vms/14.raw

[disk]
path = /vms/15.raw

[disk]
path = /vms/16.raw

[disk]
path = /vms/17.raw

[disk]
path = /vms/18.raw

[disk]
path = /vms/19.raw

[disk]
path = /vms/20.raw

[disk]
path = /vms/21.raw

[disk]
path = /vms/22.raw

[disk]
path = /vms/23.raw

[disk]
path = /vms/24.raw

[disk]
path = /vms/25.raw

[disk]
path = /vms/26.raw

[disk]
path = /vms/27.raw

[disk]
path = /vms/28.raw

[disk]
path = /vms/29.raw

[disk]
path = /vms/30.raw

[disk]
path = /vms/31.raw

[disk]
path = /vms/32.raw

[disk]
path = /vms/33.raw

[disk]
path = /vms/34.raw

[disk]
path = /vms/35.raw

[disk]
path = /vms/36.raw

[disk]
path = /vms/37.raw

[disk]
path = /vms/38.raw

[disk]
path = /vms/39.raw

[disk]
path = /vms/40.raw

[disk]
path = /vms/41.raw

[disk]
path = /vms/42.raw

[disk]
path = /vms/43.raw

[disk]
path = /vms/44.raw

[disk]
path = /vms/45.raw

[disk]
path = /vms/46.raw

[disk]
path = /vms/47.raw

[disk]
path = /vms/48.raw

[disk]
path = /vms/49.raw

[disk]
path = /vms/50.raw

[disk]
path = /vms/51.raw

[disk]
path = /vms/52.raw

[disk]
path = /vms/53.raw

[disk]
path = /vms/54.raw

[disk]
path = /vms/55.raw

[disk]
path = /vms/56.raw

[disk]
path = /vms/57.raw

[disk]
path = /vms/58.raw

[disk]
path = /vms/59.raw

[disk]
path = /vms/60.raw

[disk]
path = /vms/61.raw

[disk]
path = /vms/62.raw

[disk]
path = /vms/63.raw

[disk]
path = /vms/64.raw

[disk]
path = /vms/65.raw
