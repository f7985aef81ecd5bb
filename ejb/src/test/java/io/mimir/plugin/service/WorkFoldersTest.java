package io.mimir.plugin.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a plugin leaves behind is any tree that a file system can hold. */
class WorkFoldersTest {

  /** Deeper than a path can say (4,096 bytes) and than a process has descriptors. */
  private static final int DEPTH = 3_000;

  @TempDir Path home;

  private Path parent;
  private WorkFolders folders;

  @BeforeEach
  void open() throws IOException {
    parent = home.resolve("work");
    folders = WorkFolders.open(parent, Runnable::run);
  }

  /** Each new folder takes all that there was into itself: no path is longer than two names. */
  private static void nest(Path folder, int depth) throws IOException {
    Path nested = Files.createDirectory(folder.resolve("0"));
    for (int i = 1; i < depth; i++) {
      Path outer = Files.createDirectory(folder.resolve(Integer.toString(i)));
      Files.writeString(outer.resolve("file"), "left");
      Files.move(nested, outer.resolve("in"));
      nested = outer;
    }
  }

  private static void sh(Path folder, String script) throws Exception {
    Process process = new ProcessBuilder("sh", "-c", script).directory(folder.toFile()).start();
    String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  @Test
  void anyDepthIsRemoved() throws IOException {
    Path work = folders.create();
    nest(work, DEPTH);

    WorkFolders.remove(work);

    assertThat(work).doesNotExist();
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void anyDepthThatAKilledServerLeftIsRemovedAtTheNextStart() throws IOException {
    nest(folders.create(), DEPTH);
    Files.writeString(parent.resolve("no folder"), "left");

    WorkFolders.open(parent, Runnable::run);

    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void anyNameIsRemoved() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "There is no shell");
    Path work = folders.create();
    sh(
        work,
        "mkdir \"$(printf 'not \\377 UTF-8 \\200')\" \"$(printf 'line\\nend')\" -- '-rf' ' ' '*';"
            + " touch -- \"$(printf '\\303')\" '-f' '\\' \"$(printf '%0255d' 0)\" .hidden;"
            + " mkdir -p \"$(printf 'a\\377/b\\376/c\\375')\"");

    WorkFolders.remove(work);

    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void manyFilesAndFoldersAreRemoved() throws IOException {
    Path work = folders.create();
    for (int i = 0; i < 40; i++) {
      Path folder = Files.createDirectories(work.resolve("a" + i).resolve("b").resolve("c"));
      for (int j = 0; j < 50; j++) {
        Files.createFile(folder.resolve(Integer.toString(j)));
      }
    }

    WorkFolders.remove(work);

    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void foldersThatTheirOwnerMayNotOpenAreRemoved() throws IOException {
    assumeTrue(home.getFileSystem().supportedFileAttributeViews().contains("posix"));
    Path work = folders.create();
    Path inner =
        Files.createDirectories(work.resolve("shut").resolve("inner").resolve("innermost"));
    Files.createFile(inner.resolve("file"));
    for (Path each = inner; !each.equals(work); each = each.getParent()) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("---------"));
    }

    WorkFolders.remove(work);

    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void aLinkIsRemovedAndNotWhatItLeadsTo() throws IOException {
    Path elsewhere = Files.createDirectory(home.resolve("elsewhere"));
    Path kept = Files.writeString(elsewhere.resolve("kept"), "kept");
    Path work = folders.create();
    Files.createSymbolicLink(work.resolve("link"), elsewhere);
    Files.createSymbolicLink(Files.createDirectory(work.resolve("in")).resolve("link"), elsewhere);
    Files.createSymbolicLink(work.resolve("dangling"), home.resolve("nothing"));

    WorkFolders.remove(work);

    assertThat(parent).isEmptyDirectory();
    assertThat(kept).hasContent("kept");
  }

  @Test
  void oneThatCannotBeRemovedKeepsNobodyFromWorking() throws Exception {
    Path stuck = Files.createDirectory(folders.create().resolve("stuck"));
    Path other = folders.create();
    nest(other, 10);
    // Only a mount makes a folder stay that even root cannot remove.
    String mount = "mount -t tmpfs -o size=64k none '%s'".formatted(stuck);
    assumeTrue(
        new ProcessBuilder("sh", "-c", mount).start().waitFor() == 0,
        "This account mounts nothing");
    try {
      Files.writeString(stuck.resolve("file"), "left");

      WorkFolders again = WorkFolders.open(parent, Runnable::run);

      assertThat(again.create()).isEmptyDirectory();
      assertThat(other).doesNotExist();
      assertThat(stuck).isEmptyDirectory();
    } finally {
      sh(home, "umount '%s'".formatted(stuck));
    }
    WorkFolders.open(parent, Runnable::run);
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void onlyTheServerLooksIntoThem() throws IOException {
    assumeTrue(home.getFileSystem().supportedFileAttributeViews().contains("posix"));

    assertThat(Files.getPosixFilePermissions(folders.create())).hasSize(3);
    assertThat(Files.getPosixFilePermissions(parent)).hasSize(3);
  }

  @Test
  void oneThatIsGoneAlreadyIsNoFault() throws IOException {
    Path work = folders.create();
    WorkFolders.remove(work);

    WorkFolders.remove(work);

    assertThat(parent).isEmptyDirectory();
  }
}
