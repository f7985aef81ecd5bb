package io.mimir.plugin.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** A wrong number would deny something else, and leave open what was meant. */
class SystemCallTest {

  private static final Pattern DEFINITION =
      Pattern.compile("#define __NR(?:3264)?_(\\w+)\\s+(\\d+).*");

  @TestFactory
  Stream<DynamicTest> hasTheNumbersOfTheKernelsHeaders() {
    return Stream.of(Machine.values())
        .map(machine -> DynamicTest.dynamicTest(machine.name(), () -> compare(machine)));
  }

  private static void compare(Machine machine) throws IOException {
    Path header = header(machine);
    assumeTrue(Files.exists(header), "The kernel's headers are not installed");
    Map<String, Integer> numbers = new HashMap<>();
    for (String line : Files.readAllLines(header)) {
      Matcher matcher = DEFINITION.matcher(line);
      if (matcher.matches()) {
        numbers.put(matcher.group(1), Integer.valueOf(matcher.group(2)));
      }
    }
    assertThat(numbers).hasSizeGreaterThan(250);
    for (SystemCall call : SystemCall.values()) {
      Integer number = numbers.get(call.name().toLowerCase(Locale.ROOT));
      // Older headers lack the newer ones, and one machine the older ones.
      int newest = numbers.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
      if (number != null || call.on(machine) <= newest) {
        assertThat(call.on(machine)).as(call.name()).isEqualTo(number == null ? -1 : number);
      }
    }
  }

  private static Path header(Machine machine) {
    return machine == Machine.X86_64
        ? Path.of("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
        : Path.of("/usr/include/asm-generic/unistd.h");
  }
}
