/* A plugin in C: counts words and turns text upside down. Build it with make. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mimir_plugin.h"

const char mimir_plugin_manifest[] =
    "{\n"
    "  \"mimir_plugin\": 1,\n"
    "  \"abi\": 1,\n"
    "  \"name\": \"text_tools\",\n"
    "  \"version\": \"1.0.0\",\n"
    "  \"type\": \"data_processing\",\n"
    "  \"description\": \"Small tools for text\",\n"
    "  \"author\": \"The Mimir project\",\n"
    "  \"license\": \"MIT\",\n"
    "  \"actions\": [\n"
    "    {\"name\": \"echo\", \"description\": \"Gives back what it gets\", \"idempotent\": true},\n"
    "    {\"name\": \"upper\", \"description\": \"Turns ASCII letters to capitals\", \"idempotent\": true},\n"
    "    {\"name\": \"count\", \"description\": \"Counts words\", \"idempotent\": true}\n"
    "  ],\n"
    "  \"config_schema\": {\n"
    "    \"type\": \"object\",\n"
    "    \"properties\": {\n"
    "      \"greeting\": {\"type\": \"string\", \"title\": \"Greeting\", \"description\": \"Logged when the plugin starts\"},\n"
    "      \"token\": {\"type\": \"string\", \"title\": \"Token\", \"x-secret\": true}\n"
    "    },\n"
    "    \"additionalProperties\": false\n"
    "  }\n"
    "}\n";

typedef struct {
  const mimir_host_v1 *host;
} instance_t;

static void say(const mimir_host_v1 *host, const char *text) {
  host->log(host->ctx, MIMIR_INFO, (const uint8_t *)text, strlen(text));
}

static int32_t give(const char *text, size_t length, uint8_t **output, size_t *output_length) {
  uint8_t *copy = malloc(length ? length : 1);
  if (copy == NULL) {
    return MIMIR_FAILED;
  }
  memcpy(copy, text, length);
  *output = copy;
  *output_length = length;
  return MIMIR_OK;
}

uint32_t mimir_plugin_abi_version(void) { return MIMIR_ABI_VERSION; }

int32_t mimir_plugin_open(const uint8_t *config, size_t config_length, const mimir_host_v1 *host,
                          void **instance, uint8_t **error, size_t *error_length) {
  (void)error;
  (void)error_length;
  instance_t *self = malloc(sizeof *self);
  if (self == NULL) {
    return MIMIR_FAILED;
  }
  self->host = host;
  say(host, config_length > 2 && memchr(config, ':', config_length) ? "configured" : "not configured");
  *instance = self;
  return MIMIR_OK;
}

int32_t mimir_plugin_call(void *instance, const char *action, const uint8_t *input,
                          size_t input_length, uint8_t **output, size_t *output_length) {
  (void)instance;
  if (strcmp(action, "echo") == 0) {
    return give((const char *)input, input_length, output, output_length);
  }
  if (strcmp(action, "upper") == 0) {
    int32_t code = give((const char *)input, input_length, output, output_length);
    for (size_t i = 0; code == MIMIR_OK && i < input_length; i++) {
      (*output)[i] = (uint8_t)toupper((*output)[i]);
    }
    return code;
  }
  if (strcmp(action, "count") == 0) {
    size_t words = 0;
    int inside = 0;
    for (size_t i = 0; i < input_length; i++) {
      int letter = isalnum(input[i]) || input[i] >= 0x80;
      words += letter && !inside;
      inside = letter;
    }
    char text[64];
    int length = snprintf(text, sizeof text, "{\"words\":%zu}", words);
    return give(text, (size_t)length, output, output_length);
  }
  return MIMIR_UNKNOWN_ACTION;
}

void mimir_plugin_free(uint8_t *bytes, size_t length) {
  (void)length;
  free(bytes);
}

void mimir_plugin_close(void *instance) { free(instance); }
