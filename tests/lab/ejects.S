/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ejects.S - a guest of 64 KiB that ejects each device which it can, at its first instructions
 *
 * It stands where a BIOS does (-bios). Through ACPI it writes what the tables' _EJ0 would; natively it
 * does at each port what pciehp does: power and its indicator off. Then it says "guest-ejected" on
 * the debug port, and halts.
 * Source: QEMU docs/specs/acpi_pci_hotplug.rst, hw/acpi/ich9.c: ACPI_PCIHP_ADDR_ICH9; PCI Express
 * 7.5.3.10, Slot Control; hw/pci-bridge/gen_pcie_root_port.c: its capability is at 0x54.
 */
	.code16
	.org 0
#define DEBUG_PORT 0x402
#define HOTPLUG 0xcc0
#define BUSES 16
#define PORT_ID 0x000c1b36
#define SLOT_CONTROL (0x54 + 0x18)
#define SLOT_OFF 0x700

start:
	cli
	cld
#ifdef ACPI
	xorl %ebx, %ebx
bus:
	movw $(HOTPLUG + 0x10), %dx
	movl %ebx, %eax
	outl %eax, %dx
	movw $(HOTPLUG + 0x08), %dx
	movl $1, %eax /* slot 0 */
	outl %eax, %dx
	incl %ebx
	cmpl $BUSES, %ebx
	jb bus
#else
	movl $0x80000000, %ebx
function:
	movl %ebx, %eax
	movw $0xcf8, %dx
	outl %eax, %dx
	movw $0xcfc, %dx
	inl %dx, %eax
	cmpl $PORT_ID, %eax
	jne next
	movl %ebx, %eax
	orb $SLOT_CONTROL, %al
	movw $0xcf8, %dx
	outl %eax, %dx
	movw $0xcfc, %dx
	movw $SLOT_OFF, %ax
	outw %ax, %dx
next:
	addl $0x100, %ebx
	cmpl $0x80010000, %ebx
	jb function
#endif
	movw $DEBUG_PORT, %dx
	movw $words, %si
	movw $(end - words), %cx
	rep cs outsb
wait:
	hlt
	jmp wait

words:	.ascii "guest-ejected\n"
end:

	.org 0xfff0
	ljmp $0xf000, $start
	.org 0xffff
	.byte 0
