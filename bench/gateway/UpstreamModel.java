import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the name of a model wants of the provider.
 *
 * @param chunks pieces of an event stream
 * @param pause between two of them, in nanoseconds
 * @param delay before a whole answer, in nanoseconds
 * @param size of the text of a whole answer, in bytes; 0 for the usual short one
 */
record UpstreamModel(int chunks, long pause, long delay, int size) {

  private static final byte[] NAME = Bytes.ascii("gpt-4o-mini");
  private static final Pattern WISHES =
      Pattern.compile(
          "(?:-stream-(?<chunks>\\d+)-(?<pause>\\d+))?(?:-wait-(?<wait>\\d+))?(?:-size-(?<size>\\d+))?$");
  private static final UpstreamModel USUAL = new UpstreamModel(3, 0, 0, 0);

  /** Reads the name out of the body of a request, the first there that looks like one. */
  static UpstreamModel in(byte[] request, int from, int to) {
    int at = Bytes.find(request, from, to, NAME);
    if (at < 0 || at + NAME.length == to || request[at + NAME.length] == '"') {
      return USUAL;
    }
    int end = at;
    while (end < to && request[end] != '"') {
      end++;
    }
    Matcher wishes = WISHES.matcher(Bytes.text(request, at, end));
    wishes.find();
    return new UpstreamModel(
        number(wishes, "chunks", USUAL.chunks),
        number(wishes, "pause", 0) * 1_000_000L,
        number(wishes, "wait", 0) * 1_000_000L,
        number(wishes, "size", 0));
  }

  private static int number(Matcher wishes, String name, int otherwise) {
    String digits = wishes.group(name);
    return digits == null ? otherwise : Integer.parseInt(digits);
  }
}
