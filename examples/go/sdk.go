package main

// #cgo CFLAGS: -I${SRCDIR}/../../sdk
import "C"
