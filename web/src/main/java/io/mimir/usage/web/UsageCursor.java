package io.mimir.usage.web;

import io.mimir.error.Problem;
import io.mimir.error.ProblemException;
import io.mimir.usage.UsageCell;
import io.mimir.usage.UsageGroup;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Set;

/** A cell as a word in an address, which says where a page ended. */
final class UsageCursor {

  private static final String BETWEEN = "\n";
  private static final int PARTS = 7;

  /** The end of the year 9999, in seconds since 1970. */
  private static final long MAX_SECONDS = 253_402_300_799L;

  private UsageCursor() {}

  static String of(UsageCell cell) {
    String text =
        String.join(
            BETWEEN,
            cell.hour() == null ? "" : Long.toString(cell.hour().getEpochSecond()),
            word(cell.keyId()),
            word(cell.tokenId()),
            word(cell.model()),
            word(cell.pipelineId()),
            word(cell.client()),
            word(cell.accountId()));
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String word(String text) {
    return text == null ? "" : text;
  }

  private static Instant hour(String seconds) {
    long number = Long.parseLong(seconds);
    if (number < 0 || number > MAX_SECONDS) {
      throw new NumberFormatException();
    }
    return Instant.ofEpochSecond(number);
  }

  /**
   * Returns the cell that a cursor stands for.
   *
   * @param cursor null for the first page
   * @param groups what the list is grouped by
   * @throws ProblemException INVALID, naming {@code cursor}
   */
  static UsageCell parse(String cursor, Set<UsageGroup> groups) {
    if (cursor == null || cursor.isBlank()) {
      return null;
    }
    boolean hours = UsageGroup.effective(groups).contains(UsageGroup.HOUR);
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(cursor);
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      String[] parts = text.split(BETWEEN, -1);
      if (parts.length == PARTS && parts[0].isEmpty() != hours && text.indexOf('\0') < 0) {
        Instant hour = hours ? hour(parts[0]) : null;
        return new UsageCell(hour, parts[1], parts[2], parts[3], parts[4], parts[5], parts[6])
            .groupedBy(groups);
      }
    } catch (IllegalArgumentException | CharacterCodingException e) {
      // Answered below, without the text.
    }
    throw ProblemException.of(
        Problem.INVALID, "cursor", "wrong_type", "Follow the Link header of the page before");
  }
}
