import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the load generator was told on its command line. */
final class LoadOptions {

  private static final String HELP =
      """
      Usage: java -cp CLASSES Load OPTIONS
        --url URL          where to POST to
        --body FILE        what
        --headers FILE     further request headers, one a line
        --expect TEXT      what a good answer has in its body; several times: all of them
        --name TEXT        the name in the output
        --connections N    default 16
        --warm SECONDS     before anything is measured; default 0
        --seconds SECONDS  default 10
        --count N          stop after so many answers or streams, whatever --seconds says
        --rate N           requests a second, in an open loop
        --timeout SECONDS  without a byte, then it has failed; default 10
        --stream           event streams
        --protocol NAME    of the event streams: openai (default) or anthropic
        --chunks N         pieces in each stream; default 3
        --stall MS         a longer time between two pieces counts as a stall; default 200
        --ramp SECONDS     spread the first request of each connection over so long; default 0
        --abort            leave each stream after its first piece
        --server PIDS      processes whose processor time is measured, with commas
        --beside PIDS      the same, to be added to the generator's own
        --cores CORES      cores whose processor time is measured, for whomever it was
      """;

  final InetSocketAddress address;

  /** Head and body, ready to be sent. */
  final ByteBuffer request;

  final List<byte[]> expected = new ArrayList<>();
  final String name;
  final int connections;
  final double warm;
  final double seconds;

  /** The largest value for no limit. */
  final long count;

  /** Requests a second; 0 for a closed loop. */
  final double rate;

  /** In nanoseconds, as are the next two. */
  final long timeout;

  final long stall;
  final double ramp;
  final boolean stream;
  final boolean abort;
  final StreamEvents events;
  final int chunks;
  final List<String> server;
  final List<String> beside;
  final List<String> cores;

  private LoadOptions(Map<String, List<String>> options) throws IOException {
    URI url = URI.create(required(options, "url"));
    address = new InetSocketAddress(url.getHost(), url.getPort() < 0 ? 80 : url.getPort());
    request = request(url, options);
    for (String text : options.getOrDefault("expect", List.of())) {
      expected.add(text.getBytes(StandardCharsets.UTF_8));
    }
    name = last(options, "name", url.getRawAuthority());
    connections = Integer.parseInt(last(options, "connections", "16"));
    warm = Double.parseDouble(last(options, "warm", "0"));
    seconds = Double.parseDouble(last(options, "seconds", "10"));
    count = Long.parseLong(last(options, "count", String.valueOf(Long.MAX_VALUE)));
    rate = Double.parseDouble(last(options, "rate", "0"));
    timeout = (long) (Double.parseDouble(last(options, "timeout", "10")) * 1e9);
    stall = (long) (Double.parseDouble(last(options, "stall", "200")) * 1e6);
    abort = options.containsKey("abort");
    stream = abort || options.containsKey("stream");
    events = StreamEvents.of(last(options, "protocol", "openai"));
    ramp = Double.parseDouble(last(options, "ramp", "0")) * 1e9;
    server = List.of(last(options, "server", "").split(","));
    beside = List.of((last(options, "beside", "") + ",self").split(","));
    cores = List.of(last(options, "cores", "").split(","));
    chunks = Integer.parseInt(last(options, "chunks", "3"));
  }

  /** Reads the command line; ends the program with a help text where it cannot. */
  static LoadOptions of(String[] args) throws IOException {
    Map<String, List<String>> options = new TreeMap<>();
    for (int i = 0; i < args.length; i++) {
      String option = args[i].startsWith("--") ? args[i].substring(2) : "help";
      if (!List.of("stream", "abort", "help").contains(option) && i + 1 == args.length) {
        option = "help";
      }
      if (option.equals("help") || !HELP.contains("  --" + option + " ")) {
        System.err.print(HELP);
        System.exit(64);
      }
      boolean flag = option.equals("stream") || option.equals("abort");
      options.computeIfAbsent(option, o -> new ArrayList<>()).add(flag ? "true" : args[++i]);
    }
    return new LoadOptions(options);
  }

  private static ByteBuffer request(URI url, Map<String, List<String>> options) throws IOException {
    byte[] body = Files.readAllBytes(Path.of(required(options, "body")));
    StringBuilder head = new StringBuilder();
    head.append("POST ")
        .append(url.getRawPath())
        .append(" HTTP/1.1\r\nHost: ")
        .append(url.getRawAuthority());
    head.append("\r\nContent-Type: application/json\r\nAccept: */*\r\nContent-Length: ")
        .append(body.length)
        .append("\r\n");
    if (options.containsKey("headers")) {
      for (String line : Files.readAllLines(Path.of(required(options, "headers")))) {
        if (!line.isBlank()) {
          head.append(line.strip()).append("\r\n");
        }
      }
    }
    byte[] start = Bytes.ascii(head.append("\r\n").toString());
    return ByteBuffer.allocateDirect(start.length + body.length).put(start).put(body).flip();
  }

  private static String required(Map<String, List<String>> options, String option) {
    String value = last(options, option, null);
    if (value == null) {
      System.err.println("--" + option + " is missing");
      System.err.print(HELP);
      System.exit(64);
    }
    return value;
  }

  private static String last(Map<String, List<String>> options, String option, String otherwise) {
    List<String> values = options.get(option);
    return values == null ? otherwise : values.get(values.size() - 1);
  }

  boolean isClosedLoop() {
    return rate == 0 && count == Long.MAX_VALUE;
  }

  String mode() {
    return abort ? "abort" : stream ? "stream" : rate > 0 ? "open" : "closed";
  }
}
