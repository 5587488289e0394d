/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest.S - a guest of 64 KiB whose first instruction is seen outside, and that obeys its
 * power button at once
 *
 * It stands where a BIOS does (-bios), says "guest-runs" on the debug port, and halts. The
 * power button's interrupt makes it say "guest-off" and power off. While it waits it takes
 * no time from anybody, so what is measured around it is not the guest.
 * Source: ICH9's PMBASE, ACPI_CNTL, PM1 registers; QEMU hw/acpi/ich9.c: SCI is interrupt 9.
 */
	.code16
	.org 0
#define DEBUG_PORT 0x402
#define PM_BASE 0x600
#define VECTOR 0x70 /* of interrupt 8; 9 is one more */

.macro out8 port, value
	movb $\value, %al
	outb %al, $\port
.endm

/* PCI 0:1f.0, register \reg := \value */
.macro config reg, value
	movl $(0x8000f800 | \reg), %eax
	movw $0xcf8, %dx
	outl %eax, %dx
	movl $\value, %eax
	movw $0xcfc, %dx
	outl %eax, %dx
.endm

start:
	cli
	cld
	movw $DEBUG_PORT, %dx
	movw $runs, %si
	movw $(off - runs), %cx
	rep cs outsb

	xorw %ax, %ax
	movw %ax, %ds
	movw %ax, %ss
	movw $0x7c00, %sp
	movw $button, (VECTOR + 1) * 4
	movw $0xf000, (VECTOR + 1) * 4 + 2

	config 0x40, (PM_BASE|1)
	config 0x44, 0x80
	movw $(PM_BASE + 2), %dx /* PM1_EN: the power button */
	movw $0x100, %ax
	outw %ax, %dx
	movw $(PM_BASE + 4), %dx /* PM1_CNT: SCI_EN */
	movw $1, %ax
	outw %ax, %dx

	lgdtl %cs:gdt_pointer /* a limit of 4 GB for %es, to reach the local APIC */
	movl %cr0, %eax
	orb $1, %al
	movl %eax, %cr0
	movw $8, %bx
	movw %bx, %es
	andb $~1, %al
	movl %eax, %cr0
	movl $0xfee00350, %edi
	movl $0x700, %es:(%edi) /* LINT0: the old controllers' interrupts */

	out8 0x20, 0x11 /* both interrupt controllers; 2 and 9 are let through */
	out8 0xa0, 0x11
	out8 0x21, 0x08
	out8 0xa1, VECTOR
	out8 0x21, 0x04
	out8 0xa1, 0x02
	out8 0x21, 0x01
	out8 0xa1, 0x01
	out8 0x21, 0xfb
	out8 0xa1, 0xfd
	sti
wait:
	hlt
	jmp wait

button:
	movw $DEBUG_PORT, %dx
	movw $off, %si
	movw $(end - off), %cx
	rep cs outsb
	movw $(PM_BASE + 4), %dx
	movw $0x2001, %ax /* S5 */
	outw %ax, %dx
	hlt
	jmp button

	.balign 8
gdt:	.quad 0, 0x00cf92000000ffff
gdt_pointer:
	.word 15
	.long 0xf0000 + gdt
runs:	.ascii "guest-runs\n"
off:	.ascii "guest-off\n"
end:

	.org 0xfff0
	ljmp $0xf000, $start
	.org 0xffff
	.byte 0
