/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plays.S - the smallest guest that is heard: a boot sector that plays a tone on the AC97 for ever
 *
 * Half a period, in frames of 1/48000 s, is the word behind the first jump: whoever boots it writes that
 * there, 20 to 3000. The tone is a square wave, whole periods in one buffer, which is each of the 32
 * entries of the list that the card plays.
 * Source: Intel 82801AA, AC'97 programmer's reference: registers of mixer and bus master; PCI 3.2.2.3
 */
#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA 0xcfc
#define AC97 0x24158086
#define LIST 0x9000
#define BUFFER 0x10000
#define FRAMES 12000 /* in a buffer at most: 4 bytes each, of 64 KiB */

	.code16
	.globl	_start
_start:
	jmp	begin
half:
	.word	0
mixer:
	.word	0
master:
	.word	0
begin:
	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %ss
	mov	$0x7c00, %sp
	cld
	mov	$0x80000000, %ebx
find:
	call	config
	cmp	$AC97, %eax
	je	found
	add	$0x100, %ebx
	cmp	$0x80010000, %ebx
	jb	find
none:
	hlt
	jmp	none

/* The register %ebx of configuration space in %eax; %dx is left to write to it. */
config:
	mov	%ebx, %eax
	mov	$CONFIG_ADDRESS, %dx
	out	%eax, %dx
	mov	$CONFIG_DATA, %dx
	in	%dx, %eax
	ret

/* %ax in half a period of frames, at %es:%di */
fill:
	mov	half, %cx
	shl	$1, %cx
	rep stosw
	ret

found:
	mov	$0x04, %bl /* I/O, bus master */
	call	config
	or	$5, %al
	out	%eax, %dx
	mov	$0x10, %bl
	call	config
	and	$0xfffc, %ax
	mov	%ax, mixer
	mov	$0x14, %bl
	call	config
	and	$0xfffc, %ax
	mov	%ax, master

	mov	$(BUFFER >> 4), %ax
	mov	%ax, %es
	xor	%di, %di
	mov	$(FRAMES / 2), %ax
	xor	%dx, %dx
	divw	half
	mov	%ax, %bp
period:
	mov	$0x2000, %ax
	call	fill
	mov	$0xe000, %ax
	call	fill
	dec	%bp
	jnz	period
	shr	$1, %di
	movzwl	%di, %ebx /* samples */
	xor	%ax, %ax
	mov	%ax, %es
	mov	$LIST, %di
	mov	$32, %cx
entry:
	mov	$BUFFER, %eax
	stosl
	mov	%ebx, %eax
	stosl
	loop	entry

	xor	%ax, %ax
	mov	mixer, %dx
	add	$0x02, %dx /* master volume, and that of PCM */
	out	%ax, %dx
	add	$0x16, %dx
	out	%ax, %dx
	add	$0x12, %dx /* any rate; 48000 */
	inc	%ax
	out	%ax, %dx
	add	$2, %dx
	mov	$48000, %ax
	out	%ax, %dx

	mov	master, %dx
	add	$0x2c, %dx
	mov	$2, %eax
	out	%eax, %dx
	sub	$0x11, %dx /* 0x1b: control of what plays: reset, list, last entry, run */
	out	%al, %dx
	sub	$0x0b, %dx
	mov	$LIST, %eax
	out	%eax, %dx
	add	$5, %dx
	mov	$31, %al
	out	%al, %dx
	add	$6, %dx
	mov	$1, %al
	out	%al, %dx

	/* At each tick the entry before that which is played becomes the last one: it has no end. */
	sti
tick:
	hlt
	mov	master, %dx
	add	$0x14, %dx
	in	%dx, %al
	dec	%al
	and	$31, %al
	inc	%dx
	out	%al, %dx
	jmp	tick
	.org	510
	.word	0xaa55
