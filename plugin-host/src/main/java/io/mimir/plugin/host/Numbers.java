package io.mimir.plugin.host;

import java.util.List;
import java.util.Optional;

/**
 * The numbers of system calls on the processors that the jail knows, from the kernel's
 * arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
 *
 * @param audit the AUDIT_ARCH_ value of seccomp(2)
 * @param denied what a plugin has no business with; answered with EPERM
 */
record Numbers(
    int audit,
    int cloneCall,
    int clone3,
    int tgkill,
    int prlimit,
    int ioctl,
    int seccomp,
    int memfdCreate,
    int closeRange,
    List<Integer> denied) {

  /** Alike on both, as all that were added since Linux 5.1. */
  private static final List<Integer> NEWER =
      List.of(
          424, // pidfd_send_signal
          425, // io_uring_setup
          426, // io_uring_enter
          427, // io_uring_register
          428, // open_tree
          429, // move_mount
          430, // fsopen
          431, // fsconfig
          432, // fsmount
          433, // fspick
          434, // pidfd_open
          438, // pidfd_getfd
          440, // process_madvise
          442, // mount_setattr
          447, // memfd_secret
          448, // process_mrelease
          452, // fchmodat2
          463, // setxattrat
          466 // removexattrat
          );

  private static final Numbers X86_64 =
      new Numbers(
          0xC000003E,
          56,
          435,
          234,
          302,
          16,
          317,
          319,
          436,
          List.of(
              // execve, execveat, fork, vfork, kill, tkill, ptrace
              59,
              322,
              57,
              58,
              62,
              200,
              101,
              // rt_sigqueueinfo, rt_tgsigqueueinfo, process_vm_readv, process_vm_writev, kcmp
              129,
              297,
              310,
              311,
              312,
              // socket, connect, accept, sendto, sendmsg, bind, listen, socketpair, accept4,
              // sendmmsg
              41,
              42,
              43,
              44,
              46,
              49,
              50,
              53,
              288,
              307,
              // chmod, fchmod, chown, fchown, lchown, mknod, fchownat, mknodat, fchmodat
              90,
              91,
              92,
              93,
              94,
              133,
              260,
              259,
              268,
              // setxattr, lsetxattr, fsetxattr, removexattr, lremovexattr, fremovexattr
              188,
              189,
              190,
              197,
              198,
              199,
              // utime, utimes, futimesat, utimensat
              132,
              235,
              261,
              280,
              // mount, umount2, pivot_root, chroot, setns, unshare, swapon, swapoff
              165,
              166,
              155,
              161,
              308,
              272,
              167,
              168,
              // add_key, request_key, keyctl, bpf, userfaultfd, perf_event_open
              248,
              249,
              250,
              321,
              323,
              298,
              // kexec_load, kexec_file_load, init_module, finit_module, delete_module, reboot
              246,
              320,
              175,
              313,
              176,
              169,
              // name_to_handle_at, open_by_handle_at, personality, acct, quotactl, syslog
              303,
              304,
              135,
              163,
              179,
              103,
              // sethostname, setdomainname, settimeofday, clock_settime, adjtimex, clock_adjtime
              170,
              171,
              164,
              227,
              159,
              305,
              // iopl, ioperm, modify_ldt, setrlimit, shmget, shmat, msgget, semget, mq_open
              172,
              173,
              154,
              160,
              29,
              30,
              68,
              64,
              240,
              // setuid, setgid, setreuid, setregid, setgroups, setresuid, setresgid, setfsuid,
              // setfsgid, capset
              105,
              106,
              113,
              114,
              116,
              117,
              119,
              122,
              123,
              126,
              // migrate_pages, move_pages, vmsplice, fanotify_init, lookup_dcookie, vhangup,
              // setpriority
              256,
              279,
              278,
              300,
              212,
              153,
              141,
              // sched_setparam, sched_setscheduler, sched_setattr, ioprio_set
              142,
              144,
              314,
              251));

  private static final Numbers AARCH64 =
      new Numbers(
          0xC00000B7,
          220,
          435,
          131,
          261,
          29,
          277,
          279,
          436,
          List.of(
              // execve, execveat, kill, tkill, ptrace
              221,
              281,
              129,
              130,
              117,
              // rt_sigqueueinfo, rt_tgsigqueueinfo, process_vm_readv, process_vm_writev, kcmp
              138,
              240,
              270,
              271,
              272,
              // socket, socketpair, bind, listen, accept, connect, sendto, sendmsg, accept4,
              // sendmmsg
              198,
              199,
              200,
              201,
              202,
              203,
              206,
              211,
              242,
              269,
              // fchmod, fchmodat, fchownat, fchown, mknodat
              52,
              53,
              54,
              55,
              33,
              // setxattr, lsetxattr, fsetxattr, removexattr, lremovexattr, fremovexattr, utimensat
              5,
              6,
              7,
              14,
              15,
              16,
              88,
              // mount, umount2, pivot_root, chroot, setns, unshare, swapon, swapoff
              40,
              39,
              41,
              51,
              268,
              97,
              224,
              225,
              // add_key, request_key, keyctl, bpf, userfaultfd, perf_event_open
              217,
              218,
              219,
              280,
              282,
              241,
              // kexec_load, kexec_file_load, init_module, finit_module, delete_module, reboot
              104,
              294,
              105,
              273,
              106,
              142,
              // name_to_handle_at, open_by_handle_at, personality, acct, quotactl, syslog
              264,
              265,
              92,
              89,
              60,
              116,
              // sethostname, setdomainname, settimeofday, clock_settime, adjtimex, clock_adjtime
              161,
              162,
              170,
              112,
              171,
              266,
              // setrlimit, shmget, shmat, msgget, semget, mq_open
              164,
              194,
              196,
              186,
              190,
              180,
              // setuid, setgid, setreuid, setregid, setgroups, setresuid, setresgid, setfsuid,
              // setfsgid, capset
              146,
              144,
              145,
              143,
              159,
              147,
              149,
              151,
              152,
              91,
              // migrate_pages, move_pages, vmsplice, fanotify_init, lookup_dcookie, vhangup,
              // setpriority
              238,
              239,
              75,
              262,
              18,
              58,
              140,
              // sched_setparam, sched_setscheduler, sched_setattr, ioprio_set
              118,
              119,
              274,
              30));

  /** All that is denied, newer ones included. */
  List<Integer> allDenied() {
    List<Integer> all = new java.util.ArrayList<>(denied);
    all.addAll(NEWER);
    return all;
  }

  /** Those of this machine; empty where the jail does not know them. */
  static Optional<Numbers> ofThisMachine() {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return Optional.empty();
    }
    return switch (System.getProperty("os.arch", "")) {
      case "amd64", "x86_64" -> Optional.of(X86_64);
      case "aarch64" -> Optional.of(AARCH64);
      default -> Optional.empty();
    };
  }
}
