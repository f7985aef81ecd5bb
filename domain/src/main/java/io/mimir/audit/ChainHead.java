package io.mimir.audit;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The end of a chain at one moment. As text, {@code <node>/<position>/<seal>}, it can be written
 * down anywhere outside: a chain that does not hold it any more was changed since.
 *
 * @param node whose chain it is
 * @param position of its last event, from 1; 0 for a chain that is about to begin
 * @param seal of its last event; empty for a chain that is about to begin
 */
public record ChainHead(String node, long position, String seal) {

  private static final Pattern TEXT =
      Pattern.compile("(node_[A-Za-z0-9]{1,40})/([0-9]{1,18})/([A-Za-z0-9._-]{0,120})");

  public ChainHead {
    requireNonNull(node);
    requireNonNull(seal);
  }

  /** The head of a chain without events. */
  public static ChainHead begin(String node) {
    return new ChainHead(node, 0, "");
  }

  /** Reads what {@link #toString} wrote; empty for anything else. */
  public static Optional<ChainHead> parse(String text) {
    Matcher parts = TEXT.matcher(text == null ? "" : text.strip());
    return parts.matches()
        ? Optional.of(new ChainHead(parts.group(1), Long.parseLong(parts.group(2)), parts.group(3)))
        : Optional.empty();
  }

  /** Tells whether it is about the same place of the same chain. */
  public boolean isAt(ChainHead other) {
    return node.equals(other.node) && position == other.position;
  }

  /**
   * Seals the head for one place where it is kept. A head that was made up, or copied from another
   * place, does not have it.
   *
   * @param place a word
   */
  public String sealedFor(String place, ChainKeys keys) {
    return keys.seal(ChainKeys.join(place, node, position, seal));
  }

  /** Tells whether it was sealed for that place. */
  public boolean isSealed(String sealed, String place, ChainKeys keys) {
    return keys.isSealOf(sealed, ChainKeys.join(place, node, position, seal));
  }

  @Override
  public String toString() {
    return node + '/' + position + '/' + seal;
  }
}
