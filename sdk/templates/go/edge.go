package main

// #include <stdint.h>
// #include <stdlib.h>
// #include "mimir_plugin.h"
//
// void mimir_go_log(const mimir_host_v1 *host, int32_t level, const uint8_t *message, size_t length);
// int32_t mimir_go_cancelled(const mimir_host_v1 *host);
import "C"

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/cgo"
	"runtime/debug"
	"unsafe"
)

// Levels of the log.
const (
	Trace   = C.MIMIR_TRACE
	Debug   = C.MIMIR_DEBUG
	Info    = C.MIMIR_INFO
	Warning = C.MIMIR_WARNING
	Error   = C.MIMIR_ERROR
)

// Host is what Mimir offers, from Open to Close.
type Host struct {
	functions *C.mimir_host_v1
}

// Log writes a line to the plugin's log; safe in every goroutine.
func (h Host) Log(level int, message string) {
	if message == "" {
		return
	}
	bytes := []byte(message)
	C.mimir_go_log(h.functions, C.int32_t(level), (*C.uint8_t)(unsafe.Pointer(&bytes[0])), C.size_t(len(bytes)))
}

// Cancelled tells whether a call is not wanted any more; long calls ask now and then. To be asked in the goroutine that
// Call runs in: the host tells calls apart by their threads.
func (h Host) Cancelled() bool {
	return C.mimir_go_cancelled(h.functions) != 0
}

// Errors of Call that have codes of their own.
var (
	UnknownAction = errors.New("there is no such action")
	Cancelled     = errors.New("the call was cancelled")
)

// BadInput says what is wrong with the input.
type BadInput string

func (b BadInput) Error() string { return string(b) }

// Failed is a refusal for a reason of the plugin's own. Every other error is one with the code "failed".
type Failed struct {
	Code      string `json:"code"`
	Message   string `json:"message"`
	Retryable bool   `json:"retryable"`
}

func (f Failed) Error() string { return f.Message }

// give hands bytes over to the host, until it calls mimir_plugin_free.
func give(bytes []byte, output **C.uint8_t, length *C.size_t) {
	if len(bytes) == 0 {
		return
	}
	*output = (*C.uint8_t)(C.CBytes(bytes))
	*length = C.size_t(len(bytes))
}

// caught turns a panic into an error: it would end the process. Where it was is on stderr, which is the plugin's log.
// A panic in another goroutine cannot be caught here.
func caught(err *error) {
	if reason := recover(); reason != nil {
		fmt.Fprintf(os.Stderr, "panic: %v\n%s", reason, debug.Stack())
		*err = Failed{Code: "panic", Message: "The plugin panicked; its log says where"}
	}
}

func outcome(output []byte, err error) (C.int32_t, []byte) {
	var bad BadInput
	var failed Failed
	switch {
	case err == nil:
		return C.MIMIR_OK, output
	case errors.Is(err, UnknownAction):
		return C.MIMIR_UNKNOWN_ACTION, nil
	case errors.Is(err, Cancelled):
		return C.MIMIR_CANCELLED, nil
	case errors.As(err, &bad):
		return C.MIMIR_BAD_INPUT, []byte(bad)
	case !errors.As(err, &failed):
		failed = Failed{Code: "failed", Message: err.Error()}
	}
	// Three plain members: there is nothing that could go wrong.
	why, _ := json.Marshal(failed)
	return C.MIMIR_FAILED, why
}

//export mimirGoOpen
func mimirGoOpen(config *C.uint8_t, length C.size_t, host *C.mimir_host_v1, handle *C.uintptr_t,
	failure **C.uint8_t, failureLength *C.size_t) C.int32_t {
	plugin, err := open(C.GoBytes(unsafe.Pointer(config), C.int(length)), Host{host})
	if err != nil {
		give([]byte(err.Error()), failure, failureLength)
		return C.MIMIR_FAILED
	}
	*handle = C.uintptr_t(cgo.NewHandle(plugin))
	return C.MIMIR_OK
}

func open(config []byte, host Host) (plugin *Plugin, err error) {
	defer caught(&err)
	return Open(config, host)
}

//export mimirGoCall
func mimirGoCall(handle C.uintptr_t, action *C.char, input *C.uint8_t, length C.size_t,
	output **C.uint8_t, outputLength *C.size_t) C.int32_t {
	code, bytes := outcome(call(handle, C.GoString(action), C.GoBytes(unsafe.Pointer(input), C.int(length))))
	give(bytes, output, outputLength)
	return code
}

func call(handle C.uintptr_t, action string, input []byte) (output []byte, err error) {
	defer caught(&err)
	return cgo.Handle(handle).Value().(*Plugin).Call(action, input)
}

//export mimirGoHealth
func mimirGoHealth(handle C.uintptr_t) C.int32_t {
	var err error
	well := func() bool {
		defer caught(&err)
		return cgo.Handle(handle).Value().(*Plugin).Healthy()
	}()
	if err != nil || !well {
		return C.MIMIR_FAILED
	}
	return C.MIMIR_OK
}

//export mimirGoClose
func mimirGoClose(handle C.uintptr_t) {
	var err error
	defer caught(&err)
	plugin := cgo.Handle(handle).Value().(*Plugin)
	cgo.Handle(handle).Delete()
	plugin.Close()
}

// A shared library has to have one; it is never run.
func main() {}
