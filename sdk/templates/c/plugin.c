/*
 * The smallest whole plugin in C. To make it yours:
 *   1. the manifest: name, version, type, and the actions that you have;
 *   2. call(): one branch for each action;
 *   3. open(): read the configuration there, if the manifest has a config_schema;
 *   4. in the Makefile, the name of the library.
 */
#include <stdlib.h>
#include <string.h>

#include "mimir_plugin.h"

const char mimir_plugin_manifest[] =
    "{\n"
    "  \"mimir_plugin\": 1,\n"
    "  \"abi\": 1,\n"
    "  \"name\": \"my_plugin\",\n"
    "  \"version\": \"0.1.0\",\n"
    "  \"type\": \"data_processing\",\n"
    "  \"actions\": [{\"name\": \"hello\", \"idempotent\": true}]\n"
    "}\n";

/* What lives from open to close. The host stays valid for as long. */
typedef struct {
  const mimir_host_v1 *host;
} instance_t;

/* Bytes that the host gives back to mimir_plugin_free. */
static int32_t give(int32_t code, const char *text, uint8_t **output, size_t *output_length) {
  size_t length = strlen(text);
  uint8_t *copy = malloc(length + 1);
  if (copy == NULL) {
    return MIMIR_FAILED;
  }
  memcpy(copy, text, length);
  *output = copy;
  *output_length = length;
  return code;
}

uint32_t mimir_plugin_abi_version(void) { return MIMIR_ABI_VERSION; }

int32_t mimir_plugin_open(const uint8_t *config, size_t config_length, const mimir_host_v1 *host,
                          void **instance, uint8_t **error, size_t *error_length) {
  (void)config;
  (void)config_length;
  instance_t *self = malloc(sizeof *self);
  if (self == NULL) {
    return give(MIMIR_FAILED, "There is no memory", error, error_length);
  }
  self->host = host;
  *instance = self;
  return MIMIR_OK;
}

int32_t mimir_plugin_call(void *instance, const char *action, const uint8_t *input,
                          size_t input_length, uint8_t **output, size_t *output_length) {
  instance_t *self = instance;
  if (strcmp(action, "hello") == 0) {
    /* The input ends at input_length and not at a NUL. */
    if (input_length == 0 || input[0] != '{') {
      return give(MIMIR_BAD_INPUT, "The input must be a JSON object", output, output_length);
    }
    static const char line[] = "hello was called";
    self->host->log(self->host->ctx, MIMIR_INFO, (const uint8_t *)line, sizeof line - 1);
    return give(MIMIR_OK, "{\"hello\":\"world\"}", output, output_length);
  }
  return MIMIR_UNKNOWN_ACTION;
}

void mimir_plugin_free(uint8_t *bytes, size_t length) {
  (void)length;
  free(bytes);
}

void mimir_plugin_close(void *instance) { free(instance); }
