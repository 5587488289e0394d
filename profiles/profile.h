/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * profile.h - a profile in memory: what the user wrote, typed and checked
 *
 * profile_parse() knows text only: no host fact enters here. Every string is owned
 * by the profile and freed by profile_free(); NULL means "not given" where the field's
 * comment has it. Every thing that a message may have to point at carries its position.
 */
#ifndef VFIO_RUN_PROFILE_H
#define VFIO_RUN_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launcher/base/pci-address.h"

#define PROFILE_SIZE_MAX (256u * 1024) /* bytes of a profile file */
#define PROFILE_NAME_MAX 32	       /* characters of a VM's name */
#define PROFILE_SATA_MAX 6	       /* disks and CDs on the chipset's SATA controller */
#define PROFILE_LOOKING_GLASS_FILE "looking-glass" /* in /dev/shm, where its client looks by default */
#define PROFILE_ERRORS_MAX 100	       /* errors recorded of one file; the rest is counted */

/* Where something stands in the file; line 0: it is a default and stands nowhere. */
struct profile_pos {
	unsigned int line;   /* from 1 */
	unsigned int column; /* from 1, in characters */
	const char *option;  /* the text of a -o, which it stands in; borrowed; NULL: in the file */
};
#define PROFILE_SHARES_MAX 5 /* each is a program beside QEMU */
#define PROFILE_PROGRAMS_MAX 6
#define PROFILE_PLACE_MAX 256 /* what a place takes in a message, but for the file's name */

enum profile_accel { PROFILE_ACCEL_KVM, PROFILE_ACCEL_TCG };
enum profile_firmware { PROFILE_FIRMWARE_BIOS, PROFILE_FIRMWARE_UEFI, PROFILE_FIRMWARE_UEFI_SECURE };
enum profile_rtc { PROFILE_RTC_UTC, PROFILE_RTC_LOCALTIME };
enum profile_smbios { PROFILE_SMBIOS_NONE, PROFILE_SMBIOS_HOST };
enum profile_sandbox { PROFILE_SANDBOX_STRICT, PROFILE_SANDBOX_LOG, PROFILE_SANDBOX_OFF };
enum profile_on_panic { PROFILE_PANIC_SHUTDOWN, PROFILE_PANIC_RESET, PROFILE_PANIC_PAUSE, PROFILE_PANIC_FAIL };
enum profile_on_hangup { PROFILE_HANGUP_KEEP, PROFILE_HANGUP_STOP };
enum profile_group { PROFILE_GROUP_FUNCTION, PROFILE_GROUP_SLOT, PROFILE_GROUP_ALL, PROFILE_GROUP_HOLD };
enum profile_holders { PROFILE_HOLDERS_REFUSE, PROFILE_HOLDERS_ASK, PROFILE_HOLDERS_TERMINATE };
enum profile_rebar_size { PROFILE_REBAR_KEEP, PROFILE_REBAR_MAX, PROFILE_REBAR_SIZE };
enum profile_format { PROFILE_FORMAT_RAW, PROFILE_FORMAT_QCOW2 };
enum profile_bus { PROFILE_BUS_VIRTIO, PROFILE_BUS_SCSI, PROFILE_BUS_NVME, PROFILE_BUS_SATA };
enum profile_cache { PROFILE_CACHE_AUTO, PROFILE_CACHE_NONE, PROFILE_CACHE_WRITEBACK, PROFILE_CACHE_DIRECTSYNC,
		     PROFILE_CACHE_WRITETHROUGH, PROFILE_CACHE_UNSAFE };
enum profile_aio { PROFILE_AIO_AUTO, PROFILE_AIO_THREADS, PROFILE_AIO_NATIVE };
enum profile_discard { PROFILE_DISCARD_UNMAP, PROFILE_DISCARD_IGNORE };
enum profile_net_mode { PROFILE_NET_USER, PROFILE_NET_BRIDGE, PROFILE_NET_TAP, PROFILE_NET_MACVTAP,
			PROFILE_NET_NONE };
enum profile_net_model { PROFILE_NET_VIRTIO, PROFILE_NET_E1000E, PROFILE_NET_E1000, PROFILE_NET_E1000_82545EM,
			 PROFILE_NET_VMXNET3, PROFILE_NET_RTL8139 };
enum profile_audio { PROFILE_AUDIO_AUTO, PROFILE_AUDIO_PIPEWIRE, PROFILE_AUDIO_PULSE, PROFILE_AUDIO_ALSA,
		     PROFILE_AUDIO_SPICE, PROFILE_AUDIO_NONE };
enum profile_audio_card { PROFILE_CARD_HDA, PROFILE_CARD_USB, PROFILE_CARD_VIRTIO, PROFILE_CARD_AC97 };
enum profile_display { PROFILE_DISPLAY_DEFAULT, PROFILE_DISPLAY_NONE, PROFILE_DISPLAY_GTK, PROFILE_DISPLAY_SDL,
		       PROFILE_DISPLAY_SPICE, PROFILE_DISPLAY_VNC, PROFILE_DISPLAY_EGL_HEADLESS };
enum profile_video {
	PROFILE_VIDEO_AUTO,
	PROFILE_VIDEO_NONE,
	PROFILE_VIDEO_VIRTIO,
	PROFILE_VIDEO_QXL,
	PROFILE_VIDEO_STD
};
enum profile_pointer {
	PROFILE_POINTER_AUTO,
	PROFILE_POINTER_NONE,
	PROFILE_POINTER_USB,
	PROFILE_POINTER_VIRTIO,
	PROFILE_POINTER_PS2
};
enum profile_auto { PROFILE_AUTO, PROFILE_YES, PROFILE_NO };
enum profile_unload { PROFILE_UNLOAD_AUTO, PROFILE_UNLOAD_NO, PROFILE_UNLOAD_LIST };
enum profile_irqs { PROFILE_IRQS_KEEP, PROFILE_IRQS_AWAY };
enum profile_governor { PROFILE_GOVERNOR_KEEP, PROFILE_GOVERNOR_PERFORMANCE };
enum profile_inhibit { PROFILE_INHIBIT_NONE, PROFILE_INHIBIT_SLEEP, PROFILE_INHIBIT_SHUTDOWN };

/* A set of CPUs or other small numbers, in the order written. */
struct profile_cpu_list {
	unsigned int *cpu;
	size_t count; /* 0: not given */
};

/* A repeated text key, in the order of the file. */
struct profile_text {
	char *text; /* never NULL */
	struct profile_pos pos;
};
struct profile_texts {
	struct profile_text *item;
	size_t count;
};

/* A PCI device as the user names it: by address, or by ids. */
struct profile_device_name {
	bool by_id;
	struct pci_address address; /* by address */
	uint16_t vendor, device; /* by id */
	char *text;	   /* as written, for messages */
	struct profile_pos pos;
};

/* Ids that the guest is shown in place of a device's own. */
struct profile_ids {
	bool given;
	uint16_t vendor, device;
};

/* How large a BAR is while the VM runs. */
struct profile_rebar {
	enum profile_rebar_size size;
	uint64_t bytes; /* for PROFILE_REBAR_SIZE */
	struct profile_pos pos;
};
#define PROFILE_BARS 6

/* [gpu] and [pci]: a device to hand over; the keys that only [gpu] has keep their defaults in a [pci]. */
struct profile_device {
	bool gpu; /* which of the two sections it is */
	struct profile_pos pos; /* of the section's heading */
	struct profile_device_name device;
	bool has_id; /* the `id` guard was given */
	uint16_t id_vendor, id_device;
	struct profile_pos id_pos;
	unsigned int boot_index; /* 0: not given */
	enum profile_group group; /* default: SLOT for [gpu], FUNCTION for [pci] */
	bool rom_off;
	char *rom; /* NULL: the device's own */
	struct profile_pos rom_pos;
	bool primary;
	bool unmount; /* what the host has mounted from its disks */
	struct profile_ids show, subsystem;
	bool eject; /* the guest can; false: the card is no part of hot-plug */
	struct profile_rebar rebar; /* of the largest that can be resized, unless that one is named */
	struct profile_rebar rebar_bar[PROFILE_BARS];
	char *reset;	      /* "auto", "none" or a name of the kernel's reset_method */
	struct profile_pos reset_pos;
	char *driver;	      /* "vfio-pci", "auto", or a driver's name */
	struct profile_pos driver_pos;
	enum profile_holders holders;
	unsigned int vf, vfs; /* a virtual function of the device, and how many are made; 0: not given */
	struct profile_pos vf_pos, vfs_pos;
};

struct profile_disk {
	struct profile_pos pos;
	char *path;
	struct profile_pos path_pos;
	bool format_given; /* else it follows from the path's ending; a block device is raw */
	enum profile_format format;
	enum profile_bus bus;
	enum profile_cache cache;
	enum profile_aio aio;
	struct profile_pos aio_pos;
	unsigned int queues; /* 0: one per virtual processor, at most 8 */
	bool ssd;
	enum profile_discard discard;
	bool readonly;
	bool unmount; /* what the host has mounted from it */
	bool temporary; /* what the guest writes goes into a file without a name */
	struct profile_pos temporary_pos;
	char *serial; /* NULL: none */
	bool iothread;
	unsigned int boot_index; /* 0: not given */
};

struct profile_cdrom {
	struct profile_pos pos;
	char *path;
	struct profile_pos path_pos;
	unsigned int boot_index; /* 0: not given */
};

struct profile_forward {
	bool udp;
	uint16_t host_port, guest_port;
	struct profile_pos pos;
};

struct profile_net {
	struct profile_pos pos;
	enum profile_net_mode mode;
	char *bridge, *tap, *parent; /* NULL: not given; of the mode's own no other can be */
	struct profile_pos link_pos; /* of that */
	bool has_mac;
	uint8_t mac[6];
	enum profile_net_model model;
	struct profile_pos model_pos;
	unsigned int queues; /* 0: one per virtual processor, at most 8 */
	struct profile_pos queues_pos;
	struct profile_forward *forward;
	size_t forward_count;
};

struct profile_usb {
	struct profile_pos pos;
	bool by_id;
	uint16_t vendor, product;
	char *bus_port; /* "1-2.3"; NULL when by id */
	struct profile_pos device_pos;
	bool required;
	unsigned int boot_index; /* 0: the guest does not boot from it */
	struct profile_pos boot_index_pos;
};

/* What the guest sees of an input device of the host's. */
enum profile_input_bus { PROFILE_INPUT_USB, PROFILE_INPUT_VIRTIO, PROFILE_INPUT_PS2 };

struct profile_input {
	struct profile_pos pos;
	char *evdev;
	struct profile_pos evdev_pos;
	char *grab_toggle;
	enum profile_input_bus bus;
};

struct profile_share {
	struct profile_pos pos;
	char *path, *tag;
	struct profile_pos path_pos;
	bool readonly;
};

/* [shm]: memory that the guest shares with programs of the host */
struct profile_shm {
	struct profile_pos pos;
	char *name; /* of a file in /dev/shm */
	struct profile_pos name_pos;
	uint64_t bytes; /* a power of two */
	struct profile_pos bytes_pos;
};

struct profile_program {
	struct profile_pos pos;
	char *run;
	struct profile_pos run_pos;
	struct profile_texts argument;
};

struct profile {
	/* [vm] */
	char *name;
	char *user; /* NULL: the user behind sudo, doas or pkexec */
	struct profile_pos user_pos;
	uint64_t memory_bytes;
	struct profile_pos memory_pos;
	uint64_t hugepage_bytes; /* 0: none, 1: the default size, else the size */
	bool has_memory_node;
	unsigned int memory_node;
	struct profile_pos memory_node_pos;
	uint64_t mmio64_bytes; /* 0: as the devices need it */
	struct profile_pos mmio64_pos;
	unsigned int cpus, threads, dies, sockets;
	struct profile_cpu_list pin, affinity, emulator_pin, iothread_pin;
	struct profile_pos pin_pos, affinity_pos, emulator_pin_pos, iothread_pin_pos;
	bool realtime;
	char *cpu; /* NULL: "host", or "max" with accel = tcg */
	enum profile_accel accel;
	char *machine;
	struct profile_pos machine_pos;
	enum profile_firmware firmware;
	struct profile_pos firmware_pos;
	char *firmware_image; /* NULL: by QEMU's descriptors */
	struct profile_pos firmware_image_pos;
	char *nvram; /* NULL: a copy per VM in the user's state directory */
	struct profile_pos nvram_pos;
	bool hyperv, hide_hypervisor;
	enum profile_rtc rtc;
	enum profile_smbios smbios;
	struct profile_pos smbios_pos;
	struct profile_texts smbios_string; /* each as QEMU's -smbios takes it: "type=..." */
	struct profile_texts acpi_table;    /* paths */
	bool guest_agent, guest_sleep;
	char *apple_smc; /* a file with the string of an Apple SMC; NULL: there is none */
	struct profile_pos apple_smc_pos;
	char *qemu; /* a file name, or an absolute path */
	struct profile_pos qemu_pos;
	enum profile_sandbox sandbox;
	struct profile_pos sandbox_pos;
	unsigned int shutdown_timeout_s;
	enum profile_on_panic on_panic;
	enum profile_on_hangup on_hangup;

	struct profile_device *device; /* [gpu] and [pci], in the order of the file */
	size_t device_count;
	struct profile_disk *disk;
	size_t disk_count;
	struct profile_cdrom *cdrom;
	size_t cdrom_count;
	struct profile_net *net;
	size_t net_count;
	struct profile_usb *usb;
	size_t usb_count;
	struct profile_input *input;
	size_t input_count;
	struct profile_share *share;
	size_t share_count;

	bool has_audio;
	enum profile_audio audio;
	enum profile_audio_card audio_card;
	struct profile_pos audio_pos, audio_card_pos;
	bool microphone;
	unsigned int latency_ms; /* 0: not given */
	bool has_looking_glass;
	uint64_t looking_glass_bytes; /* a power of two; 0: all that the device has */
	struct profile_pos looking_glass_pos; /* of what that follows from */
	char *looking_glass_device; /* NULL: a file in /dev/shm */
	struct profile_pos looking_glass_device_pos;
	struct profile_shm *shm;
	size_t shm_count;
	bool has_tpm;
	struct profile_pos tpm_pos; /* of the section */

	enum profile_display display;
	struct profile_pos display_pos;
	enum profile_video video;
	char *display_socket, *display_listen, *display_password;
	struct profile_pos display_socket_pos, display_listen_pos, display_password_pos;
	bool clipboard;
	enum profile_pointer pointer;

	struct profile_texts session_stop;
	char *session_stop_command, *session_start_command; /* NULL: none; both, or neither */
	struct profile_pos session_stop_command_pos, session_start_command_pos;
	enum profile_auto release_console;
	enum profile_unload unload_modules;
	struct profile_texts unload_list;

	bool isolate_cpus;
	enum profile_governor governor;
	enum profile_irqs irq_affinity;
	enum profile_inhibit inhibit;

	char *hook_prepare, *hook_started, *hook_stopped, *hook_failed, *hook_released;
	struct profile_pos hook_prepare_pos, hook_started_pos, hook_stopped_pos, hook_failed_pos;
	struct profile_pos hook_released_pos;

	struct profile_program *program;
	size_t program_count;

	struct profile_texts qemu_argument;

	unsigned int trial_s; /* of profile_for_trial(), no key; 0: it is none */
};

/* One thing wrong with a profile. */
struct profile_error {
	struct profile_pos pos;
	char *text; /* what was found and what was expected, one line, without the position */
	char *hint; /* what to do, or a "did you mean"; NULL: nothing to add */
};

struct profile_errors {
	struct profile_error *item; /* in the order of the file */
	size_t count;
	bool out_of_memory; /* some could not be recorded */
	size_t dropped;	    /* found after PROFILE_ERRORS_MAX others: counted, not recorded */
};

int profile_read(const char *text, size_t size, const char *default_name, struct profile **out,
		 struct profile_errors *errors) __attribute__((warn_unused_result));
int profile_read_with(const char *text, size_t size, const char *default_name,
		      const char *const *option, size_t option_count, struct profile **out,
		      struct profile_errors *errors) __attribute__((warn_unused_result));
const char *profile_place(const char *file, const struct profile_pos *pos, char *out, size_t size);
int profile_parse(const char *text, size_t size, const char *default_name, struct profile **out,
		  struct profile_errors *errors) __attribute__((warn_unused_result));
void profile_free(struct profile *p);
void profile_errors_add(struct profile_errors *errors, struct profile_pos pos, const char *hint,
			const char *format, ...) __attribute__((format(printf, 4, 5)));
char *profile_errors_render(const struct profile_errors *errors, const char *file, const char *text,
			    size_t size, bool colour);
void profile_errors_sort(struct profile_errors *errors);
void profile_errors_fini(struct profile_errors *errors);
const char *profile_refused_argument(const char *argument);
void profile_without_devices(struct profile *p);
void profile_for_trial(struct profile *p, unsigned int seconds);
enum profile_display profile_display_type(const struct profile *p);
uint64_t profile_looking_glass_bytes(uint64_t width, uint64_t height);
bool profile_loopback(const char *text, char *address, size_t size, uint16_t *port);
size_t profile_option_length(const char *argument);

#endif /* VFIO_RUN_PROFILE_H */
