package io.mimir.plugin.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mimir.plugin.service.WarmHostPool.Jail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With plain files in place of the kernel's: what is written where. */
class PluginCgroupsTest {

  @TempDir Path root;

  private Path self;
  private Path service;

  @BeforeEach
  void delegate() throws IOException {
    service = Files.createDirectories(root.resolve("system.slice").resolve("mimir.service"));
    Files.createDirectory(service.resolve("server"));
    Files.writeString(service.resolve("cgroup.procs"), "");
    Files.writeString(service.resolve("cgroup.subtree_control"), "");
    Files.writeString(service.resolve("cgroup.controllers"), "cpu io memory pids\n");
    self = root.resolve("self");
    is("1:name=systemd:/elsewhere\n0::/system.slice/mimir.service/server\n");
  }

  private void is(String text) throws IOException {
    Files.writeString(self, text);
  }

  private boolean found() {
    return PluginCgroups.find(self, root).isPresent();
  }

  @Test
  void aProcessGetsAGroupWithItsBounds() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "There is no shell");
    Process process = new ProcessBuilder("sh", "-c", "read any").start();
    try {
      PluginCgroups.find(self, root).orElseThrow().take(process, new Jail(256, false));

      Path group = service.resolve("plugin-" + process.pid());
      assertThat(service.resolve("cgroup.subtree_control")).hasContent("+pids +memory");
      assertThat(group.resolve("cgroup.procs")).hasContent(Long.toString(process.pid()));
      assertThat(group.resolve("memory.max")).hasContent(Long.toString(768L << 20));
      assertThat(group.resolve("pids.max")).hasContent("1280");
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void whatIsNotDelegatedIsLeftAlone() throws IOException {
    assertThat(found()).isTrue();
    Files.writeString(service.resolve("cgroup.procs"), "4242\n");
    assertThat(found()).as("another process is in it").isFalse();
    Files.writeString(service.resolve("cgroup.procs"), "");
    Files.writeString(service.resolve("cgroup.controllers"), "cpu pids\n");
    assertThat(found()).as("a controller is missing").isFalse();
    Files.writeString(service.resolve("cgroup.controllers"), "memory pids\n");
    is("0::/\n");
    assertThat(found()).as("a container's own root").isFalse();
    is("0::/server\n");
    assertThat(found()).as("the root of all").isFalse();
    is("0::/../../etc/x\n");
    assertThat(found()).as("outside of what is mounted").isFalse();
    is("4:memory:/system.slice/mimir.service/server\n");
    assertThat(found()).as("version 1").isFalse();
    Files.delete(self);
    assertThat(found()).as("no Linux").isFalse();
  }
}
