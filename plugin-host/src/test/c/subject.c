/*
 * The plugin that HostTest and CrashTest load. Macros make faulty ones of it: ABI, WITHOUT_FREE, OPEN_FAILS, UNHEALTHY,
 * LOOPING_CONSTRUCTOR, CRASHING_CONSTRUCTOR.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mimir_plugin.h"

#ifndef ABI
#define ABI MIMIR_ABI_VERSION
#endif

MIMIR_EXPORT const char mimir_plugin_manifest[] = "{\"name\":\"subject\"}";

static const mimir_host_v1 *host;
static char config_text[256];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int waiting;
static volatile int woken;

static void say(int32_t level, const char *text) { host->log(host->ctx, level, (const uint8_t *)text, strlen(text)); }

static void loop(void) {
  for (volatile int i = 0;; i++) {
  }
}

#ifdef LOOPING_CONSTRUCTOR
__attribute__((constructor)) static void load(void) { loop(); }
#endif
#ifdef CRASHING_CONSTRUCTOR
__attribute__((constructor)) static void load(void) { *(volatile int *)8 = 1; }
#endif

uint32_t mimir_plugin_abi_version(void) { return ABI; }

static int32_t give(int32_t code, const char *text, size_t length, uint8_t **out, size_t *out_length) {
  *out = malloc(length + 1);
  memcpy(*out, text, length);
  *out_length = length;
  return code;
}

int32_t mimir_plugin_open(const uint8_t *config, size_t config_length, const mimir_host_v1 *given, void **instance,
                          uint8_t **error, size_t *error_length) {
  host = given;
  *instance = &host;
  snprintf(config_text, sizeof config_text, "%.*s", (int)config_length, (const char *)config);
#ifdef OPEN_FAILS
  return give(7, "the token has expired", 21, error, error_length);
#else
  (void)error, (void)error_length;
  return MIMIR_OK;
#endif
}

#ifdef UNHEALTHY
MIMIR_EXPORT int32_t mimir_plugin_health(void *instance) { return instance == &host ? 5 : 6; }
#endif

#ifdef WAKEABLE
MIMIR_EXPORT void mimir_plugin_cancel(void *instance) { woken = instance == &host; }
#endif

static void *log_from_a_thread(void *argument) {
  say(MIMIR_WARNING, "from a thread of its own");
  return argument;
}

static int overflow(int depth) {
  volatile char frame[4096];
  frame[0] = (char)depth;
  return overflow(depth + 1) + frame[0];
}

static size_t hunger(void) {
  size_t block = 1024 * 1024;
  size_t taken = 0;
  char *at;
  while (taken < 4096 && (at = malloc(block)) != NULL) {
    memset(at, 1, block);
    taken++;
  }
  return taken;
}

static int fork_bomb(void) {
  int children = 0;
  for (int i = 0; i < 10000; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      pause();
    }
    children += pid > 0;
  }
  return children;
}

static void *rest(void *argument) {
  pause();
  return argument;
}

static int thread_bomb(void) {
  int threads = 0;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 16384);
  pthread_t thread;
  while (threads < 20000 && pthread_create(&thread, &attributes, rest, NULL) == 0) {
    threads++;
  }
  return threads;
}

static int32_t meet(size_t expected, uint8_t **out, size_t *out_length) {
  pthread_mutex_lock(&lock);
  waiting++;
  pthread_cond_broadcast(&changed);
  while ((size_t)waiting < expected) {
    pthread_cond_wait(&changed, &lock);
  }
  pthread_mutex_unlock(&lock);
  return give(MIMIR_OK, "met", 3, out, out_length);
}

int32_t mimir_plugin_call(void *instance, const char *action, const uint8_t *in, size_t in_length, uint8_t **out,
                          size_t *out_length) {
  char text[128];
  if (instance != &host) {
    abort();
  }
#define IS(name) (strcmp(action, name) == 0)
  if (IS("echo")) {
    return give(MIMIR_OK, (const char *)in, in_length, out, out_length);
  } else if (IS("nothing")) {
    return MIMIR_OK;
  } else if (IS("config")) {
    return give(MIMIR_OK, config_text, strlen(config_text), out, out_length);
  } else if (IS("refuse")) {
    return give(MIMIR_FAILED, "{\"code\":\"no\"}", 13, out, out_length);
  } else if (IS("bad input")) {
    return give(MIMIR_BAD_INPUT, "why", 3, out, out_length);
  } else if (IS("unknown code")) {
    return give(99, "x", 1, out, out_length);
  } else if (IS("negative code")) {
    return give(-1, "x", 1, out, out_length);
  } else if (IS("too long")) {
    *out = malloc(1);
    *out_length = (size_t)1 << 40;
    return MIMIR_OK;
  } else if (IS("endless length")) {
    *out = malloc(1);
    *out_length = (size_t)-1;
    return MIMIR_OK;
  } else if (IS("length without bytes")) {
    *out_length = 5;
    return MIMIR_OK;
  } else if (IS("log")) {
    say(MIMIR_TRACE, "trace");
    say(MIMIR_ERROR, "error");
    say(1000, "much");
    pthread_t thread;
    if (pthread_create(&thread, NULL, log_from_a_thread, NULL) == 0) {
      pthread_join(thread, NULL);
    }
    return MIMIR_OK;
  } else if (IS("print")) {
    for (int i = 0; i < 1000; i++) {
      printf("garbage on stdout\n");
    }
    fflush(stdout);
    (void)!write(1, "raw\0\1\2\n", 7);
    return give(MIMIR_OK, "printed", 7, out, out_length);
  } else if (IS("read")) {
    long got = read(0, text, sizeof text);
    return give(MIMIR_OK, got == 0 ? "empty" : "read", got == 0 ? 5 : 4, out, out_length);
  } else if (IS("until cancelled")) {
    while (!host->cancelled(host->ctx)) {
      usleep(1000);
    }
    return MIMIR_CANCELLED;
  } else if (IS("until woken")) {
    while (!woken) {
      usleep(1000);
    }
    return MIMIR_CANCELLED;
  } else if (IS("meet")) {
    return meet(in_length, out, out_length);
  } else if (IS("sleep")) {
    usleep(300 * 1000);
    return give(MIMIR_OK, "slept", 5, out, out_length);
  } else if (IS("segfault")) {
    *(volatile int *)8 = 1;
  } else if (IS("abort")) {
    abort();
  } else if (IS("exit")) {
    exit(3);
  } else if (IS("stack overflow")) {
    return overflow(0);
  } else if (IS("illegal instruction")) {
    __builtin_trap();
  } else if (IS("loop")) {
    loop();
  } else if (IS("loop at the end")) {
    atexit(loop);
    return give(MIMIR_OK, "later", 5, out, out_length);
  } else if (IS("hunger")) {
    snprintf(text, sizeof text, "%zu", hunger());
    return give(MIMIR_OK, text, strlen(text), out, out_length);
  } else if (IS("thread bomb")) {
    snprintf(text, sizeof text, "%d", thread_bomb());
    return give(MIMIR_OK, text, strlen(text), out, out_length);
  } else if (IS("fork bomb")) {
    snprintf(text, sizeof text, "%d", fork_bomb());
    return give(MIMIR_OK, text, strlen(text), out, out_length);
  } else if (IS("break the frames")) {
    for (int fd = 3; fd < 256; fd++) {
      (void)!write(fd, "\377\377\377\377garbage", 11);
    }
    return give(MIMIR_OK, "broken", 6, out, out_length);
  }
  return MIMIR_UNKNOWN_ACTION;
}

#ifndef WITHOUT_FREE
void mimir_plugin_free(uint8_t *bytes, size_t length) {
  (void)length;
  free(bytes);
}
#endif

void mimir_plugin_close(void *instance) {
  if (instance == &host) {
    say(MIMIR_INFO, "closed");
  }
}
