/*
 * The functions of mimir_plugin.h, for C ABI version 1. They are here and not in Go so that the compiler holds them
 * against the header; and a function of the host is a pointer, which Go cannot call.
 */
#include <stdlib.h>

#include "mimir_plugin.h"

#include "_cgo_export.h"

uint32_t mimir_plugin_abi_version(void) { return MIMIR_ABI_VERSION; }

int32_t mimir_plugin_open(const uint8_t *config, size_t config_length, const mimir_host_v1 *host,
                          void **instance, uint8_t **error, size_t *error_length) {
  uintptr_t handle = 0;
  int32_t code = mimirGoOpen((uint8_t *)config, config_length, (mimir_host_v1 *)host, &handle, error, error_length);
  /* A number that Go knows its instance by: C may not keep a pointer of Go's. */
  *instance = (void *)handle;
  return code;
}

int32_t mimir_plugin_call(void *instance, const char *action, const uint8_t *input,
                          size_t input_length, uint8_t **output, size_t *output_length) {
  return mimirGoCall((uintptr_t)instance, (char *)action, (uint8_t *)input, input_length, output, output_length);
}

MIMIR_EXPORT int32_t mimir_plugin_health(void *instance) { return mimirGoHealth((uintptr_t)instance); }

void mimir_plugin_free(uint8_t *bytes, size_t length) {
  (void)length;
  free(bytes);
}

void mimir_plugin_close(void *instance) { mimirGoClose((uintptr_t)instance); }

void mimir_go_log(const mimir_host_v1 *host, int32_t level, const uint8_t *message, size_t length) {
  host->log(host->ctx, level, message, length);
}

int32_t mimir_go_cancelled(const mimir_host_v1 *host) { return host->cancelled(host->ctx); }
