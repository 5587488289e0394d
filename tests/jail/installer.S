/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * installer.S - the smallest installer: what check-install boots from a CD
 *
 * 512 bytes that the firmware loads from the CD. Where the first disk has no system it writes one, the
 * next 512 bytes, and powers off; where there is one it is started, as installers' CDs do after a while.
 * That system writes its own sector once more behind itself, which is how it is seen, and powers off.
 * Source: the BIOS's int 13h, functions 2 and 3; PM1a_CNT of the ICH9 as SeaBIOS places it, SLP_EN
 */
	.code16
	.globl	_start
_start:
	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$0x7c00, %sp
	mov	$0x0201, %ax
	mov	$0x8000, %bx
	mov	$0x0001, %cx
	mov	$0x0080, %dx
	int	$0x13
	jc	end
	cmpl	$0x54534e49, 0x8003 /* "INST" */
	jne	install
	ljmp	$0, $0x8000
install:
	mov	$0x0301, %ax
	mov	$0x7e00, %bx
	mov	$0x0001, %cx
	mov	$0x0080, %dx
	int	$0x13
end:
	mov	$0x0604, %dx
	mov	$0x2000, %ax
	out	%ax, %dx
stop:
	hlt
	jmp	stop
	.org	512
installed:
	jmp	1f
	nop
	.ascii	"INSTALLED SYSTEM"
1:
	mov	$0x0301, %ax
	mov	$0x8000, %bx
	mov	$0x0002, %cx
	mov	$0x0080, %dx
	int	$0x13
	mov	$0x0604, %dx
	mov	$0x2000, %ax
	out	%ax, %dx
2:
	hlt
	jmp	2b
	.org	512 + 510
	.word	0xaa55
