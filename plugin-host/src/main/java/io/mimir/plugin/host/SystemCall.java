package io.mimir.plugin.host;

import java.util.Arrays;

/**
 * The system calls that the jail is about, with their numbers on x86_64 and on aarch64 (the
 * kernel's arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h) and what
 * becomes of a plugin that uses them.
 */
enum SystemCall {
  // Asked of by their arguments, see Seccomp.
  OPEN(2, Machine.NONE, Fate.ALLOWED),
  OPENAT(257, 56, Fate.ALLOWED),
  MMAP(9, 222, Fate.ALLOWED),
  CLONE(56, 220, Fate.ALLOWED),
  TGKILL(234, 131, Fate.ALLOWED),
  PRLIMIT64(302, 261, Fate.ALLOWED),
  PRCTL(157, 167, Fate.ALLOWED),
  FCNTL(72, 25, Fate.ALLOWED),
  IOCTL(16, 29, Fate.ALLOWED),
  FALLOCATE(285, 47, Fate.ALLOWED),

  // What the host itself uses.
  SECCOMP(317, 277, Fate.DENIED),
  MEMFD_CREATE(319, 279, Fate.DENIED),
  CLOSE_RANGE(436, 436, Fate.ALLOWED),
  CAPSET(126, 91, Fate.DENIED),
  LANDLOCK_CREATE_RULESET(444, 444, Fate.ALLOWED),
  LANDLOCK_ADD_RULE(445, 445, Fate.ALLOWED),
  LANDLOCK_RESTRICT_SELF(446, 446, Fate.ALLOWED),

  // Their arguments are in memory, where a filter cannot look; callers fall back to the older ones.
  CLONE3(435, 435, Fate.ABSENT),
  OPENAT2(437, 437, Fate.ABSENT),

  // Other processes.
  FORK(57, Machine.NONE, Fate.DENIED),
  VFORK(58, Machine.NONE, Fate.DENIED),
  EXECVE(59, 221, Fate.DENIED),
  EXECVEAT(322, 281, Fate.DENIED),
  KILL(62, 129, Fate.DENIED),
  TKILL(200, 130, Fate.DENIED),
  RT_SIGQUEUEINFO(129, 138, Fate.DENIED),
  RT_TGSIGQUEUEINFO(297, 240, Fate.DENIED),
  PIDFD_OPEN(434, 434, Fate.DENIED),
  PIDFD_GETFD(438, 438, Fate.DENIED),
  PIDFD_SEND_SIGNAL(424, 424, Fate.DENIED),
  PTRACE(101, 117, Fate.DENIED),
  PROCESS_VM_READV(310, 270, Fate.DENIED),
  PROCESS_VM_WRITEV(311, 271, Fate.DENIED),
  PROCESS_MADVISE(440, 440, Fate.DENIED),
  PROCESS_MRELEASE(448, 448, Fate.DENIED),
  KCMP(312, 272, Fate.DENIED),
  SETPGID(109, 154, Fate.DENIED),
  SETSID(112, 157, Fate.DENIED),
  SETPRIORITY(141, 140, Fate.DENIED),
  IOPRIO_SET(251, 30, Fate.DENIED),
  SCHED_SETAFFINITY(203, 122, Fate.DENIED),
  SCHED_SETSCHEDULER(144, 119, Fate.DENIED),
  SCHED_SETPARAM(142, 118, Fate.DENIED),
  SCHED_SETATTR(314, 274, Fate.DENIED),
  MIGRATE_PAGES(256, 238, Fate.DENIED),
  MOVE_PAGES(279, 239, Fate.DENIED),

  // The network.
  SOCKET(41, 198, Fate.DENIED),
  SOCKETPAIR(53, 199, Fate.DENIED),
  CONNECT(42, 203, Fate.DENIED),
  ACCEPT(43, 202, Fate.DENIED),
  ACCEPT4(288, 242, Fate.DENIED),
  BIND(49, 200, Fate.DENIED),
  LISTEN(50, 201, Fate.DENIED),
  SENDTO(44, 206, Fate.DENIED),
  SENDMSG(46, 211, Fate.DENIED),
  SENDMMSG(307, 269, Fate.DENIED),

  // What belongs to files and Landlock does not see.
  TRUNCATE(76, 45, Fate.DENIED),
  CHMOD(90, Machine.NONE, Fate.DENIED),
  FCHMOD(91, 52, Fate.DENIED),
  FCHMODAT(268, 53, Fate.DENIED),
  FCHMODAT2(452, 452, Fate.DENIED),
  CHOWN(92, Machine.NONE, Fate.DENIED),
  FCHOWN(93, 55, Fate.DENIED),
  LCHOWN(94, Machine.NONE, Fate.DENIED),
  FCHOWNAT(260, 54, Fate.DENIED),
  SETXATTR(188, 5, Fate.DENIED),
  LSETXATTR(189, 6, Fate.DENIED),
  FSETXATTR(190, 7, Fate.DENIED),
  REMOVEXATTR(197, 14, Fate.DENIED),
  LREMOVEXATTR(198, 15, Fate.DENIED),
  FREMOVEXATTR(199, 16, Fate.DENIED),
  UTIME(132, Machine.NONE, Fate.DENIED),
  UTIMES(235, Machine.NONE, Fate.DENIED),
  FUTIMESAT(261, Machine.NONE, Fate.DENIED),
  UTIMENSAT(280, 88, Fate.DENIED),
  MKNOD(133, Machine.NONE, Fate.DENIED),
  MKNODAT(259, 33, Fate.DENIED),
  INOTIFY_INIT(253, Machine.NONE, Fate.DENIED),
  INOTIFY_INIT1(294, 26, Fate.DENIED),
  INOTIFY_ADD_WATCH(254, 27, Fate.DENIED),
  FANOTIFY_INIT(300, 262, Fate.DENIED),
  FANOTIFY_MARK(301, 263, Fate.DENIED),
  NAME_TO_HANDLE_AT(303, 264, Fate.DENIED),
  OPEN_BY_HANDLE_AT(304, 265, Fate.DENIED),
  QUOTACTL(179, 60, Fate.DENIED),
  QUOTACTL_FD(443, 443, Fate.DENIED),
  SYNC(162, 81, Fate.DENIED),

  // Mounts and namespaces.
  MOUNT(165, 40, Fate.DENIED),
  UMOUNT2(166, 39, Fate.DENIED),
  PIVOT_ROOT(155, 41, Fate.DENIED),
  CHROOT(161, 51, Fate.DENIED),
  OPEN_TREE(428, 428, Fate.DENIED),
  MOVE_MOUNT(429, 429, Fate.DENIED),
  FSOPEN(430, 430, Fate.DENIED),
  FSCONFIG(431, 431, Fate.DENIED),
  FSMOUNT(432, 432, Fate.DENIED),
  FSPICK(433, 433, Fate.DENIED),
  MOUNT_SETATTR(442, 442, Fate.DENIED),
  STATMOUNT(457, 457, Fate.DENIED),
  LISTMOUNT(458, 458, Fate.DENIED),
  UNSHARE(272, 97, Fate.DENIED),
  SETNS(308, 268, Fate.DENIED),

  // Memory and messages that are not within this process.
  MEMFD_SECRET(447, 447, Fate.DENIED),
  SHMGET(29, 194, Fate.DENIED),
  SHMAT(30, 196, Fate.DENIED),
  SHMCTL(31, 195, Fate.DENIED),
  SEMGET(64, 190, Fate.DENIED),
  SEMCTL(66, 191, Fate.DENIED),
  SEMOP(65, 193, Fate.DENIED),
  SEMTIMEDOP(220, 192, Fate.DENIED),
  MSGGET(68, 186, Fate.DENIED),
  MSGSND(69, 189, Fate.DENIED),
  MSGRCV(70, 188, Fate.DENIED),
  MSGCTL(71, 187, Fate.DENIED),
  MQ_OPEN(240, 180, Fate.DENIED),
  MQ_UNLINK(241, 181, Fate.DENIED),
  ADD_KEY(248, 217, Fate.DENIED),
  REQUEST_KEY(249, 218, Fate.DENIED),
  KEYCTL(250, 219, Fate.DENIED),

  // Large parts of the kernel that have had many faults.
  IO_URING_SETUP(425, 425, Fate.DENIED),
  IO_URING_ENTER(426, 426, Fate.DENIED),
  IO_URING_REGISTER(427, 427, Fate.DENIED),
  IO_SETUP(206, 0, Fate.DENIED),
  BPF(321, 280, Fate.DENIED),
  USERFAULTFD(323, 282, Fate.DENIED),
  PERF_EVENT_OPEN(298, 241, Fate.DENIED),
  VMSPLICE(278, 75, Fate.DENIED),
  MODIFY_LDT(154, Machine.NONE, Fate.DENIED),

  // Whose process this is.
  SETUID(105, 146, Fate.DENIED),
  SETGID(106, 144, Fate.DENIED),
  SETREUID(113, 145, Fate.DENIED),
  SETREGID(114, 143, Fate.DENIED),
  SETRESUID(117, 147, Fate.DENIED),
  SETRESGID(119, 149, Fate.DENIED),
  SETFSUID(122, 151, Fate.DENIED),
  SETFSGID(123, 152, Fate.DENIED),
  SETGROUPS(116, 159, Fate.DENIED),
  SETRLIMIT(160, 164, Fate.DENIED),
  PERSONALITY(135, 92, Fate.DENIED),

  // The machine.
  SYSLOG(103, 116, Fate.DENIED),
  ACCT(163, 89, Fate.DENIED),
  VHANGUP(153, 58, Fate.DENIED),
  LOOKUP_DCOOKIE(212, 18, Fate.DENIED),
  SETTIMEOFDAY(164, 170, Fate.DENIED),
  CLOCK_SETTIME(227, 112, Fate.DENIED),
  ADJTIMEX(159, 171, Fate.DENIED),
  CLOCK_ADJTIME(305, 266, Fate.DENIED),
  SETHOSTNAME(170, 161, Fate.DENIED),
  SETDOMAINNAME(171, 162, Fate.DENIED),

  // What nobody calls by accident.
  KEXEC_LOAD(246, 104, Fate.DEADLY),
  KEXEC_FILE_LOAD(320, 294, Fate.DEADLY),
  INIT_MODULE(175, 105, Fate.DEADLY),
  FINIT_MODULE(313, 273, Fate.DEADLY),
  DELETE_MODULE(176, 106, Fate.DEADLY),
  REBOOT(169, 142, Fate.DEADLY),
  SWAPON(167, 224, Fate.DEADLY),
  SWAPOFF(168, 225, Fate.DEADLY),
  IOPL(172, Machine.NONE, Fate.DEADLY),
  IOPERM(173, Machine.NONE, Fate.DEADLY);

  /** What a filter answers. */
  enum Fate {
    ALLOWED,

    /** With EPERM. */
    DENIED,

    /** With ENOSYS, as by a kernel that does not have it. */
    ABSENT,

    /** With the end of the process. */
    DEADLY
  }

  /** The highest number that is known here, that of mseal: nobody has thought about later ones. */
  static final int HIGHEST = 462;

  private final int onX86;
  private final int onArm;
  private final Fate fate;

  SystemCall(int onX86, int onArm, Fate fate) {
    this.onX86 = onX86;
    this.onArm = onArm;
    this.fate = fate;
  }

  /**
   * Its number.
   *
   * @return {@link Machine#NONE} where there is no such call: the younger machine does without some
   *     of the older ones
   */
  int on(Machine machine) {
    return machine == Machine.X86_64 ? onX86 : onArm;
  }

  Fate fate() {
    return fate;
  }

  /**
   * Calls it, with zeros for the arguments that are not given.
   *
   * @return what it gave; -1 for an error, which {@link Libc#errno()} tells
   */
  long call(long... arguments) {
    long[] all = Arrays.copyOf(arguments, 6);
    int number = on(Machine.own().orElseThrow());
    return Libc.syscall(number, all[0], all[1], all[2], all[3], all[4], all[5]);
  }
}
