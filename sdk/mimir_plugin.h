/*
 * Mimir plugins, C ABI version 1.
 *
 * A plugin is one shared library that exports the manifest and the functions below with C linkage
 * and default visibility. Mimir reads the manifest from the file without loading it; the library
 * is loaded in a process of its own, without network, and with a private work folder as its
 * working directory. Nothing may be thrown, and no panic may leave a function.
 *
 *   cc -shared -fPIC -O2 -I sdk my_plugin.c -o my_plugin.so
 */
#ifndef MIMIR_PLUGIN_H
#define MIMIR_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define MIMIR_EXPORT __declspec(dllexport)
#else
#define MIMIR_EXPORT __attribute__((visibility("default")))
#endif

#define MIMIR_ABI_VERSION 1u

/* What the functions return. */
enum {
  MIMIR_OK = 0,
  /* The call is refused for a reason of the plugin's own: out is {"code", "message", "retryable"}. */
  MIMIR_FAILED = 1,
  MIMIR_UNKNOWN_ACTION = 2,
  MIMIR_BAD_INPUT = 3,
  MIMIR_CANCELLED = 4
};

/* Levels of log lines. */
enum { MIMIR_TRACE = 0, MIMIR_DEBUG = 1, MIMIR_INFO = 2, MIMIR_WARNING = 3, MIMIR_ERROR = 4 };

/* What the host offers. It stays valid until mimir_plugin_close has returned. */
typedef struct mimir_host_v1 {
  /* Bytes of this structure: what lies beyond it does not exist. */
  uint32_t size;
  /* To be handed back in each call. */
  void *ctx;
  /* Writes a line of UTF-8 text to the plugin's log; safe on every thread. */
  void (*log)(void *ctx, int32_t level, const uint8_t *message, size_t length);
  /* Whether the call that runs on this thread is not wanted any more: 0 if it still is. */
  int32_t (*cancelled)(void *ctx);
} mimir_host_v1;

/*
 * UTF-8 JSON, ended by NUL, at most 64 KiB: an array, because a pointer would have to be followed.
 * docs/PLUGIN_DEVELOPMENT_GUIDE.md describes its members.
 */
MIMIR_EXPORT extern const char mimir_plugin_manifest[];

/* MIMIR_ABI_VERSION. */
MIMIR_EXPORT uint32_t mimir_plugin_abi_version(void);

/*
 * Makes an instance. The configuration is UTF-8 JSON that fits the manifest's config_schema; it and
 * its secrets are gone when the function has returned. On failure *error may be set to UTF-8 text
 * for people; the host gives it back to mimir_plugin_free.
 */
MIMIR_EXPORT int32_t mimir_plugin_open(const uint8_t *config, size_t config_length,
                                       const mimir_host_v1 *host, void **instance,
                                       uint8_t **error, size_t *error_length);

/*
 * Does something. The input is borrowed; the output belongs to the plugin until the host gives it
 * back to mimir_plugin_free, and may be NULL. It is called by one thread at a time unless the
 * manifest's limits.concurrency says more.
 */
MIMIR_EXPORT int32_t mimir_plugin_call(void *instance, const char *action, const uint8_t *input,
                                       size_t input_length, uint8_t **output,
                                       size_t *output_length);

MIMIR_EXPORT void mimir_plugin_free(uint8_t *bytes, size_t length);

/* The end of an instance; no call runs then. It is not called when the process has to be ended. */
MIMIR_EXPORT void mimir_plugin_close(void *instance);

/*
 * The following need not be there.
 */

/* Asked once, after mimir_plugin_open and before the first call: 0 for well. */
MIMIR_EXPORT int32_t mimir_plugin_health(void *instance);

/*
 * A call is not wanted any more: for plugins that sleep and cannot look at host->cancelled. It comes
 * on a thread of its own while the call still runs.
 */
MIMIR_EXPORT void mimir_plugin_cancel(void *instance);

#ifdef __cplusplus
}
#endif

#endif
