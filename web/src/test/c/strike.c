/*
 * Makes the n-th write, sync or change of length of a database file fail, once: preloaded into the
 * server (LD_PRELOAD) by DiskFaultsIT and bench/faults/statements, which write "n errno" into the file that
 * MIMIR_STRIKE names. What is left of n stands there afterwards; 0 when it has struck. With a negative n
 * each of them fails for as long as the file is there.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int is_database(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) {
    return 0;
  }
  path[length] = 0;
  return strstr(path, "/mimir.db") != NULL && strstr(path, ".lock") == NULL;
}

/* Whether this call is to fail; errno is set then. */
static int strikes(int fd) {
  const char *control = getenv("MIMIR_STRIKE");
  if (control == NULL || access(control, F_OK) != 0) {
    errno = 0;
    return 0;
  }
  int struck = 0, left = 0, code = 0;
  pthread_mutex_lock(&lock);
  FILE *file = is_database(fd) ? fopen(control, "r") : NULL;
  if (file != NULL) {
    int read = fscanf(file, "%d %d", &left, &code);
    fclose(file);
    if (read == 2 && left < 0) {
      struck = 1;
    } else if (read == 2 && left > 0 && (file = fopen(control, "w")) != NULL) {
      fprintf(file, "%d %d\n", --left, code);
      fclose(file);
      struck = left == 0;
    }
  }
  pthread_mutex_unlock(&lock);
  errno = struck ? code : 0;
  return struck;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
  return strikes(fd) ? -1 : NEXT(pwrite)(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  return strikes(fd) ? -1 : NEXT(pwrite64)(fd, bytes, count, at);
}

int fsync(int fd) {
  return strikes(fd) ? -1 : NEXT(fsync)(fd);
}

int fdatasync(int fd) {
  return strikes(fd) ? -1 : NEXT(fdatasync)(fd);
}

int ftruncate(int fd, off_t length) {
  return strikes(fd) ? -1 : NEXT(ftruncate)(fd, length);
}

int ftruncate64(int fd, off64_t length) {
  return strikes(fd) ? -1 : NEXT(ftruncate64)(fd, length);
}
