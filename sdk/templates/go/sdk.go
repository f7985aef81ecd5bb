package main

// #cgo CFLAGS: -I${SRCDIR}/../..
import "C"
