/*
 * A plugin for pipelines: counts the words and the characters of a text. "run each" builds it:
 *   gcc -O2 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden -I ../../sdk measure.c -o measure.so
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mimir_plugin.h"

/* What it works on stays the same however often it is called, so a run may repeat it after a kill. */
const char mimir_plugin_manifest[] =
    "{\n"
    "  \"mimir_plugin\": 1,\n"
    "  \"abi\": 1,\n"
    "  \"name\": \"text_measure\",\n"
    "  \"version\": \"1.0.0\",\n"
    "  \"type\": \"data_processing\",\n"
    "  \"description\": \"Says how long a text is\",\n"
    "  \"author\": \"The Mimir project\",\n"
    "  \"license\": \"MIT\",\n"
    "  \"actions\": [{\n"
    "    \"name\": \"measure\",\n"
    "    \"description\": \"Counts words and characters\",\n"
    "    \"idempotent\": true,\n"
    "    \"input_schema\": {\n"
    "      \"type\": \"object\",\n"
    "      \"properties\": {\"text\": {\"type\": \"string\", \"title\": \"Text\"}},\n"
    "      \"required\": [\"text\"],\n"
    "      \"additionalProperties\": false\n"
    "    },\n"
    "    \"output_schema\": {\n"
    "      \"type\": \"object\",\n"
    "      \"properties\": {\n"
    "        \"words\": {\"type\": \"integer\"},\n"
    "        \"characters\": {\"type\": \"integer\"}\n"
    "      }\n"
    "    }\n"
    "  }]\n"
    "}\n";

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

/* The place after blanks and what is expected; NULL when something else is there. */
static const uint8_t *after(const uint8_t *at, const uint8_t *end, const char *expected) {
  size_t length = strlen(expected);
  while (at != NULL && at < end && strchr(" \t\r\n", *at) != NULL) {
    at++;
  }
  return at != NULL && (size_t)(end - at) >= length && memcmp(at, expected, length) == 0
             ? at + length
             : NULL;
}

/*
 * Counts within a string of JSON, from behind its first quote. The host has checked that the input
 * is JSON, so an escape is whole: \n and its like part words, every other one is a character of one.
 */
static const uint8_t *count(const uint8_t *at, const uint8_t *end, size_t *words,
                            size_t *characters) {
  int inside = 0;
  while (at < end && *at != '"') {
    int blank = *at == ' ';
    /* The second half of a pair of escapes and the later bytes of UTF-8 begin no character. */
    int begins = (*at & 0xC0) != 0x80;
    if (*at == '\\') {
      if (end - at < 2) {
        return NULL;
      }
      blank = strchr("nrtfb", at[1]) != NULL;
      if (at[1] == 'u') {
        if (end - at < 6) {
          return NULL;
        }
        begins = !((at[2] | 0x20) == 'd' && strchr("cdefCDEF", at[3]) != NULL);
        at += 4;
      }
      at++;
    }
    *words += !blank && !inside;
    *characters += begins;
    inside = !blank;
    at++;
  }
  return at < end ? at + 1 : NULL;
}

uint32_t mimir_plugin_abi_version(void) { return MIMIR_ABI_VERSION; }

int32_t mimir_plugin_open(const uint8_t *config, size_t config_length, const mimir_host_v1 *host,
                          void **instance, uint8_t **error, size_t *error_length) {
  (void)config;
  (void)config_length;
  (void)host;
  (void)error;
  (void)error_length;
  /* Nothing is kept from one call to the next. */
  *instance = NULL;
  return MIMIR_OK;
}

int32_t mimir_plugin_call(void *instance, const char *action, const uint8_t *input,
                          size_t input_length, uint8_t **output, size_t *output_length) {
  (void)instance;
  if (strcmp(action, "measure") != 0) {
    return MIMIR_UNKNOWN_ACTION;
  }
  const uint8_t *end = input + input_length;
  const uint8_t *at = after(after(after(after(input, end, "{"), end, "\"text\""), end, ":"), end, "\"");
  size_t words = 0;
  size_t characters = 0;
  at = at == NULL ? NULL : count(at, end, &words, &characters);
  if (after(at, end, "}") == NULL) {
    return give(MIMIR_BAD_INPUT, "{\"message\":\"Give a text\"}", output, output_length);
  }
  char text[96];
  snprintf(text, sizeof text, "{\"words\":%zu,\"characters\":%zu}", words, characters);
  return give(MIMIR_OK, text, output, output_length);
}

void mimir_plugin_free(uint8_t *bytes, size_t length) {
  (void)length;
  free(bytes);
}

void mimir_plugin_close(void *instance) { (void)instance; }
