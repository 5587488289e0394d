# nothing
; here
