/*
 * A plugin that tries to get out of its jail: once from a constructor, which runs when it is loaded, and once from an
 * action. Each attempt writes a line "name<TAB>denied ERRNO" or "name<TAB>open"; EvilPluginTest knows which of them
 * are open on purpose. Those that end the process are actions of their own.
 *
 * The test names its targets by macros: VICTIM, a process of the same user; SECRET, a file in SECRET_FOLDER; PLUGIN,
 * this library's file; HOST_JAR; JAVA_HOME.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#include "mimir_plugin.h"

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
#define PROC "/proc/" TEXT(VICTIM)

#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#define NOT_YET_KNOWN 1000

MIMIR_EXPORT const char mimir_plugin_manifest[] =
    "{\"mimir_plugin\":1,\"abi\":1,\"name\":\"evil\",\"version\":\"1.0.0\",\"type\":\"data_processing\","
    "\"description\":\"Tries to get out\",\"author\":\"Mimir\",\"license\":\"MIT\","
    "\"actions\":[{\"name\":\"constructor\"},{\"name\":\"action\"}]}";

extern char **environ;

static char at_load[64 * 1024];
static char *report;
static size_t used;
static size_t room;

static const char *name_of(int number) {
  switch (number) {
    case EPERM: return "EPERM";
    case EACCES: return "EACCES";
    case ENOSYS: return "ENOSYS";
    case ENOENT: return "ENOENT";
    case ENOMEM: return "ENOMEM";
    case EXDEV: return "EXDEV";
    case EINVAL: return "EINVAL";
    case ESRCH: return "ESRCH";
    case EFAULT: return "EFAULT";
    case EBADF: return "EBADF";
    case EFBIG: return "EFBIG";
    case EMFILE: return "EMFILE";
    case EROFS: return "EROFS";
    case EEXIST: return "EEXIST";
    case ENOTTY: return "ENOTTY";
    case ENODEV: return "ENODEV";
    case EOPNOTSUPP: return "EOPNOTSUPP";
    case EAFNOSUPPORT: return "EAFNOSUPPORT";
    case EPROTONOSUPPORT: return "EPROTONOSUPPORT";
    default: return "another error";
  }
}

static void record(const char *name, int failed, int number) {
  int length = failed ? snprintf(report + used, room - used, "%s\tdenied %s\n", name, name_of(number))
                      : snprintf(report + used, room - used, "%s\topen\n", name);
  used += (size_t)length;
}

/* The expression is negative, and errno set, when the attempt was denied. */
#define TRY(name, expression)            \
  do {                                   \
    errno = 0;                           \
    long outcome = (long)(expression);   \
    record(name, outcome < 0, errno);    \
  } while (0)

static long opened(const char *path, int flags) {
  int fd = open(path, flags | O_CLOEXEC, 0600);
  if (fd >= 0) {
    close(fd);
  }
  return fd;
}

static long listed(const char *path) {
  DIR *folder = opendir(path);
  if (folder == NULL) {
    return -1;
  }
  closedir(folder);
  return 0;
}

static long linked_to(const char *path) {
  char target[512];
  return readlink(path, target, sizeof target);
}

static long read_over_symlink(void) {
  if (symlink(SECRET, "symlink") < 0 && errno != EEXIST) {
    return -1;
  }
  return opened("symlink", O_RDONLY);
}

/* A child that came to life is ended at once: it would go on in this process's code. */
static long child(long pid) {
  if (pid == 0) {
    _exit(0);
  }
  if (pid > 0) {
    waitpid((pid_t)pid, NULL, 0);
  }
  return pid;
}

static long vforked(void) {
  pid_t pid = vfork();
  if (pid == 0) {
    _exit(0);
  }
  return pid;
}

static long cloned3(void) {
  struct clone_args arguments;
  memset(&arguments, 0, sizeof arguments);
  arguments.exit_signal = SIGCHLD;
  return child(syscall(SYS_clone3, &arguments, sizeof arguments));
}

static long spawned(void) {
  pid_t pid;
  char *const arguments[] = {"true", NULL};
  int failed = posix_spawn(&pid, "/bin/true", NULL, NULL, arguments, environ);
  if (failed) {
    errno = failed;
    return -1;
  }
  return child(pid);
}

static long shelled(void) { return system("true") == 0 ? 0 : -1; }

static long executed(const char *path) {
  char *const arguments[] = {"true", NULL};
  char *const none[] = {NULL};
  return execve(path, arguments, none);
}

static long executed_descriptor(void) {
  int fd = open(PLUGIN, O_RDONLY | O_CLOEXEC);
  char *const none[] = {NULL};
  return syscall(SYS_execveat, fd, "", none, none, AT_EMPTY_PATH);
}

static long executed_own_file(void) {
  int fd = open("script", O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
  if (fd >= 0) {
    (void)!write(fd, "#!/bin/sh\n", 10);
    close(fd);
  }
  return executed("./script");
}

static void *nothing(void *argument) { return argument; }

static long threaded(void) {
  pthread_t thread;
  int failed = pthread_create(&thread, NULL, nothing, NULL);
  if (failed) {
    errno = failed;
    return -1;
  }
  return pthread_join(thread, NULL);
}

static long socketed(int family, int type, int protocol) {
  int fd = socket(family, type, protocol);
  if (fd >= 0) {
    close(fd);
  }
  return fd;
}

static long paired(void) {
  int pair[2];
  return socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
}

static long peeked(int writing) {
  char byte = 0;
  struct iovec own = {&byte, 1};
  struct iovec other = {(void *)0x400000, 1};
  return writing ? process_vm_writev(VICTIM, &own, 1, &other, 1, 0) : process_vm_readv(VICTIM, &own, 1, &other, 1, 0);
}

static long queued_signal(void) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  info.si_code = SI_QUEUE;
  return syscall(SYS_rt_sigqueueinfo, VICTIM, SIGUSR1, &info);
}

static long raised(int resource) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) < 0) {
    return -1;
  }
  limit.rlim_cur = limit.rlim_max = limit.rlim_max + 1024 * 1024;
  return setrlimit(resource, &limit);
}

static long limit_of_victim(void) {
  struct rlimit limit = {16, 16};
  return prlimit(VICTIM, RLIMIT_NOFILE, &limit, NULL);
}

static long capable(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &header, data) < 0) {
    return -1;
  }
  if (data[0].permitted | data[1].permitted | data[0].effective | data[1].effective) {
    return 0;
  }
  errno = EPERM;
  return -1;
}

static long privileged(void) {
  errno = EPERM;
  return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? -1 : 0;
}

static long mapped(size_t size, int protection, int flags) {
  void *at = mmap(NULL, size, protection, flags, -1, 0);
  if (at == MAP_FAILED) {
    return -1;
  }
  munmap(at, size);
  return 0;
}

static long allocated(size_t size) {
  void *volatile memory = malloc(size);
  if (memory == NULL) {
    return -1;
  }
  free(memory);
  return 0;
}

static long mapped_zeros(void) {
  int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
  if (fd < 0) {
    return -1;
  }
  void *at = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  return at == MAP_FAILED ? -1 : 0;
}

static long wrote_much(void) {
  int fd = open("large", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return -1;
  }
  long outcome = pwrite(fd, "x", 1, 4096L * 1024 * 1024);
  int number = errno;
  close(fd);
  unlink("large");
  errno = number;
  return outcome;
}

static long renamed(void) {
  int fd = open("before", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  close(fd);
  return fd < 0 ? -1 : rename("before", "after");
}

static long removed(void) {
  int fd = open("removed", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  close(fd);
  return fd < 0 ? -1 : unlink("removed");
}

static long reserved(int mode) {
  int fd = open("reserved", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  long outcome = fd < 0 ? -1 : fallocate(fd, mode, 0, 4096);
  int number = errno;
  close(fd);
  errno = number;
  return outcome;
}

static long opened_many(void) {
  int fds[1024];
  int count = 0;
  while (count < 1024 && (fds[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0) {
    count++;
  }
  int number = errno;
  for (int i = 0; i < count; i++) {
    close(fds[i]);
  }
  errno = number;
  return count < 1024 ? -1 : 0;
}

/* The file that the test left open for the host to inherit, or any other of it. */
static long inherited(void) {
  struct stat secret;
  if (stat(SECRET, &secret) < 0) {
    return 0;
  }
  for (int fd = 0; fd < 1024; fd++) {
    struct stat is;
    if (fstat(fd, &is) == 0 && ((is.st_dev == secret.st_dev && is.st_ino == secret.st_ino) || S_ISSOCK(is.st_mode) || S_ISDIR(is.st_mode))) {
      return fd;
    }
  }
  errno = EBADF;
  return -1;
}

/* Through no descriptor that is there can a file be changed, that of the plugin's own code included. */
static long wrote_inherited(void) {
  for (int fd = 0; fd < 1024; fd++) {
    struct stat is;
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && fstat(fd, &is) == 0 && S_ISREG(is.st_mode) &&
        pwrite(fd, "x", 1, 0) == 1) {
      return fd;
    }
  }
  errno = EPERM;
  return -1;
}

static long knows_environment(void) {
  int others = 0;
  for (char **entry = environ; *entry != NULL; entry++) {
    others += strncmp(*entry, "LANG=", 5) != 0;
  }
  errno = ENOENT;
  return others ? 0 : -1;
}

static long seccomped(void) {
  struct {
    unsigned short length;
    void *code;
  } program = {1, "\6\0\0\0\0\0\377\177"};
  return syscall(SYS_seccomp, 1, 1, &program);
}

static long handled(void) {
  struct {
    unsigned bytes;
    int type;
    char handle[128];
  } handle = {128, 0, {0}};
  int mount_id;
  return syscall(SYS_name_to_handle_at, AT_FDCWD, ".", &handle, &mount_id, 0);
}

static long owned_by_victim(void) {
  int pipe_ends[2];
  if (pipe(pipe_ends) < 0) {
    return -1;
  }
  long outcome = fcntl(pipe_ends[0], F_SETOWN, VICTIM);
  int number = errno;
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  errno = number;
  return outcome;
}

static long watched(void) {
  int fd = (int)syscall(SYS_inotify_init1, 0);
  return fd < 0 ? -1 : syscall(SYS_inotify_add_watch, fd, SECRET_FOLDER, 0x100);
}

static void files(void) {
  TRY("read /etc/passwd", opened("/etc/passwd", O_RDONLY));
  TRY("read /etc/hostname", opened("/etc/hostname", O_RDONLY));
  TRY("read a file of the server", opened(SECRET, O_RDONLY));
  TRY("write a file of the server", opened(SECRET, O_WRONLY));
  TRY("truncate a file of the server", truncate(SECRET, 0));
  TRY("delete a file of the server", unlink(SECRET));
  TRY("rename a file of the server", rename(SECRET, "taken"));
  TRY("hard link to a file of the server", link(SECRET, "hardlink"));
  TRY("symbolic link to a file of the server", read_over_symlink());
  TRY("watch a folder of the server", watched());
  TRY("list a folder of the server", listed(SECRET_FOLDER));
  TRY("list /", listed("/"));
  TRY("list /tmp", listed("/tmp"));
  TRY("list /home", listed("/home"));
  TRY("list /root", listed("/root"));
  TRY("write to /tmp", opened("/tmp/mimir-evil", O_WRONLY | O_CREAT));
  TRY("write to /dev/shm", opened("/dev/shm/mimir-evil", O_RDWR | O_CREAT));
  TRY("write the plugin's own file", opened(PLUGIN, O_WRONLY));
  TRY("truncate the plugin's own file on opening", opened(PLUGIN, O_RDONLY | O_TRUNC));
  TRY("delete the plugin's own file", unlink(PLUGIN));
  TRY("write the host's program", opened(HOST_JAR, O_WRONLY));
  TRY("write the JRE", opened(JAVA_HOME "/lib/modules", O_WRONLY));
  TRY("write a system library", opened(LIBRARY, O_WRONLY));
  TRY("/proc of the server: environ", opened(PROC "/environ", O_RDONLY));
  TRY("/proc of the server: cmdline", opened(PROC "/cmdline", O_RDONLY));
  TRY("/proc of the server: maps", opened(PROC "/maps", O_RDONLY));
  TRY("/proc of the server: mem", opened(PROC "/mem", O_RDWR));
  TRY("/proc of the server: root", opened(PROC "/root/etc/passwd", O_RDONLY));
  TRY("/proc of the server: descriptors", listed(PROC "/fd"));
  TRY("/proc of the server: link to its program", linked_to(PROC "/exe"));
  TRY("/proc/self/mem", opened("/proc/self/mem", O_RDWR));
  TRY("/proc/self/environ", opened("/proc/self/environ", O_RDONLY));
  TRY("list /proc", listed("/proc"));
  TRY("settings of the kernel", opened("/proc/sys/kernel/core_pattern", O_WRONLY));
  TRY("/sys/kernel", listed("/sys/kernel"));
  TRY("a terminal", opened("/dev/tty", O_RDWR));
  TRY("the kernel's log in /dev", opened("/dev/kmsg", O_RDONLY));
  TRY("work folder: write a file", opened("own", O_WRONLY | O_CREAT));
  TRY("work folder: read it", opened("own", O_RDONLY));
  TRY("work folder: list it", listed("."));
  TRY("work folder: make a folder", (rmdir("folder"), mkdir("folder", 0700)));
  TRY("work folder: rename a file", renamed());
  TRY("work folder: remove a file", removed());
  TRY("work folder: a file without a name", opened(".", O_TMPFILE | O_RDWR));
  TRY("work folder: room beyond a file's end", reserved(FALLOC_FL_KEEP_SIZE));
  TRY("work folder: room within a file", reserved(0));
  TRY("work folder: a file larger than allowed", wrote_much());
  TRY("work folder: chmod", chmod("own", 04777));
  TRY("work folder: fchmodat2", syscall(SYS_fchmodat2, AT_FDCWD, "own", 04777, 0));
  TRY("work folder: chown", chown("own", 1, 1));
  TRY("work folder: setxattr", setxattr("own", "user.mimir", "x", 1, 0));
  TRY("work folder: utime", utime("own", NULL));
  TRY("work folder: symbolic link", symlink("own", "other"));
  TRY("work folder: mkfifo", mkfifo("fifo", 0600));
  TRY("work folder: mknod of a device", mknod("device", S_IFCHR | 0600, 0x103));
  TRY("work folder: run a program", executed_own_file());
  TRY("read the plugin's own file", opened(PLUGIN, O_RDONLY));
  TRY("read the host's program", opened(HOST_JAR, O_RDONLY));
  TRY("read the JRE", opened(JAVA_HOME "/lib/modules", O_RDONLY));
  TRY("read a system library", opened(LIBRARY, O_RDONLY));
  struct stat is;
  TRY("whether a file is there, its size and times", stat("/etc/passwd", &is));
  TRY("random bytes", opened("/dev/urandom", O_RDONLY));
  TRY("inherited descriptors", inherited());
  TRY("writing through inherited descriptors", wrote_inherited());
  TRY("environment but LANG", knows_environment());
}

static void network(void) {
  TRY("TCP socket", socketed(AF_INET, SOCK_STREAM, 0));
  TRY("TCP socket, IPv6", socketed(AF_INET6, SOCK_STREAM, 0));
  TRY("UDP socket", socketed(AF_INET, SOCK_DGRAM, 0));
  TRY("Unix socket", socketed(AF_UNIX, SOCK_STREAM, 0));
  TRY("Unix socket pair", paired());
  TRY("raw socket", socketed(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  TRY("packet socket", socketed(AF_PACKET, SOCK_RAW, 0));
  TRY("netlink socket", socketed(AF_NETLINK, SOCK_RAW, 0));
  TRY("vsock", socketed(AF_VSOCK, SOCK_STREAM, 0));
}

static void processes(void) {
  TRY("fork", child(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)));
  TRY("fork of the C library", child(fork()));
  TRY("vfork", vforked());
  TRY("clone3", cloned3());
  TRY("posix_spawn", spawned());
  TRY("system", shelled());
  TRY("execve", executed("/bin/true"));
  TRY("execveat of a descriptor", executed_descriptor());
  TRY("a thread", threaded());
  TRY("kill the server", kill(VICTIM, SIGKILL));
  TRY("kill everyone", kill(-1, 0));
  TRY("kill its process group", kill(0, 0));
  TRY("tkill", syscall(SYS_tkill, VICTIM, SIGKILL));
  TRY("tgkill", syscall(SYS_tgkill, VICTIM, VICTIM, SIGKILL));
  TRY("rt_sigqueueinfo", queued_signal());
  TRY("pidfd_open", syscall(SYS_pidfd_open, VICTIM, 0));
  TRY("a signal by way of a pipe's owner", owned_by_victim());
  TRY("ptrace", ptrace(PTRACE_ATTACH, VICTIM, NULL, NULL));
  TRY("be traced", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
  TRY("process_vm_readv", peeked(0));
  TRY("process_vm_writev", peeked(1));
  TRY("kcmp", syscall(SYS_kcmp, VICTIM, getpid(), 2, 0, 0));
  TRY("slow the server down", setpriority(PRIO_PROCESS, VICTIM, 19));
  TRY("move the server to another processor", syscall(SYS_sched_setaffinity, VICTIM, 8, "\1\0\0\0\0\0\0\0"));
  TRY("limits of the server", limit_of_victim());
  TRY("a process group of its own", setpgid(0, 0));
  TRY("a session of its own", setsid());
}

static void rights(void) {
  TRY("capabilities", capable());
  TRY("privileges by execve", privileged());
  TRY("raise its limit of descriptors", raised(RLIMIT_NOFILE));
  TRY("raise its limit of memory", raised(RLIMIT_DATA));
  TRY("raise its limit of core dumps", raised(RLIMIT_CORE));
  TRY("setuid", syscall(SYS_setuid, 65533));
  TRY("setgroups", syscall(SYS_setgroups, 0, NULL));
  TRY("prctl: dumpable", prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
  TRY("prctl: be traced by anyone", prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0));
  TRY("prctl: signal at its parent's death", prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
  TRY("prctl: keep capabilities", prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
  TRY("prctl: name of a thread", prctl(PR_SET_NAME, "evil", 0, 0, 0));
  TRY("another seccomp filter", seccomped());
  TRY("personality", personality(ADDR_NO_RANDOMIZE));
  TRY("unshare", unshare(CLONE_NEWNS));
  TRY("unshare: user namespace", unshare(CLONE_NEWUSER));
  TRY("setns", syscall(SYS_setns, 0, 0));
  TRY("mount", mount("none", "folder", "tmpfs", 0, NULL));
  TRY("umount", umount("folder"));
  TRY("chroot", chroot("."));
  TRY("pivot_root", syscall(SYS_pivot_root, ".", "."));
  TRY("file handles", handled());
}

static void kernel(void) {
  TRY("io_uring", syscall(SYS_io_uring_setup, 1, NULL));
  TRY("asynchronous input and output", syscall(SYS_io_setup, 1, NULL));
  TRY("bpf", syscall(SYS_bpf, 0, NULL, 0));
  TRY("userfaultfd", syscall(SYS_userfaultfd, 0));
  TRY("perf_event_open", syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
  TRY("fanotify", syscall(SYS_fanotify_init, 0, 0));
  TRY("memfd_create", syscall(SYS_memfd_create, "evil", 0));
  TRY("memfd_secret", syscall(SYS_memfd_secret, 0));
  TRY("keyctl", syscall(SYS_keyctl, 0, -3, 0, 0, 0));
  TRY("add_key", syscall(SYS_add_key, "user", "mimir", "x", 1, -3));
  TRY("System V memory", syscall(SYS_shmget, 0, 4096, 01600));
  TRY("System V messages", syscall(SYS_msgget, 0, 01600));
  TRY("System V semaphores", syscall(SYS_semget, 0, 1, 01600));
  TRY("POSIX messages", syscall(SYS_mq_open, "mimir", O_CREAT | O_RDWR, 0600, NULL));
  TRY("POSIX memory", shm_open("/mimir", O_CREAT | O_RDWR, 0600));
  TRY("the kernel's log", syscall(SYS_syslog, 10, NULL, 0));
  TRY("host name", sethostname("", 0));
  TRY("clock", syscall(SYS_clock_settime, 0, NULL));
  TRY("accounting", syscall(SYS_acct, "/nowhere"));
  TRY("quotas", syscall(SYS_quotactl, 0, NULL, 0, NULL));
  TRY("terminal input", ioctl(2, TIOCSTI, "x"));
  TRY("a system call that is newer than this jail", syscall(NOT_YET_KNOWN));
}

static void resources(void) {
  TRY("10 GiB of memory", allocated(10UL << 30));
  TRY("10 GiB of shared memory", mapped(10UL << 30, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS));
  TRY("shared memory", mapped(1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS));
  TRY("shared memory of /dev/zero", mapped_zeros());
  TRY("10 GiB of stack", mapped(10UL << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN));
  TRY("a growing stack", mapped(1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN));
  TRY("1024 descriptors", opened_many());
  TRY("memory within its limit", allocated(8 << 20));
  TRY("code of its own making", mapped(4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS));
}

static void try_all(char *into, size_t size) {
  report = into;
  room = size;
  used = 0;
  files();
  network();
  processes();
  rights();
  kernel();
  resources();
}

__attribute__((constructor)) static void load(void) { try_all(at_load, sizeof at_load); }

uint32_t mimir_plugin_abi_version(void) { return MIMIR_ABI_VERSION; }

int32_t mimir_plugin_open(const uint8_t *config, size_t config_length, const mimir_host_v1 *host, void **instance,
                          uint8_t **error, size_t *error_length) {
  (void)config, (void)config_length, (void)host, (void)instance, (void)error, (void)error_length;
  return MIMIR_OK;
}

/* Each of these is to end the process; it answers "alive" when it does not. */
static void end_by(const char *action) {
  if (strcmp(action, "kexec_load") == 0) {
    syscall(SYS_kexec_load, 0, 0, NULL, ~0UL);
  } else if (strcmp(action, "init_module") == 0) {
    syscall(SYS_init_module, NULL, 0, NULL);
  } else if (strcmp(action, "delete_module") == 0) {
    syscall(SYS_delete_module, "mimir", 0);
  } else if (strcmp(action, "reboot") == 0) {
    syscall(SYS_reboot, 0, 0, 0, NULL);
  } else if (strcmp(action, "swapon") == 0) {
    syscall(SYS_swapon, "/nowhere", 0);
#ifdef __x86_64__
  } else if (strcmp(action, "x32") == 0) {
    syscall(0x40000000 | SYS_getpid);
  } else if (strcmp(action, "i386") == 0) {
    long number = 20;
    __asm__ volatile("int $0x80" : "+a"(number));
#endif
  }
}

int32_t mimir_plugin_call(void *instance, const char *action, const uint8_t *input, size_t input_length,
                          uint8_t **output, size_t *output_length) {
  (void)instance, (void)input, (void)input_length;
  uint8_t *text = malloc(sizeof at_load);
  if (strcmp(action, "constructor") == 0) {
    memcpy(text, at_load, sizeof at_load);
  } else if (strcmp(action, "action") == 0) {
    try_all((char *)text, sizeof at_load);
  } else {
    end_by(action);
    strcpy((char *)text, "alive");
  }
  *output = text;
  *output_length = strlen((char *)text);
  return MIMIR_OK;
}

void mimir_plugin_free(uint8_t *bytes, size_t length) {
  (void)length;
  free(bytes);
}

void mimir_plugin_close(void *instance) { (void)instance; }
