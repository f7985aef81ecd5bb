package io.mimir.pipeline.service.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/**
 * Something that happened in a run, as the journal has it.
 *
 * @param seq its place in the run, from 1 on, without gaps
 * @param at milliseconds since 1970
 * @param path of the step that it is about, such as {@code loop.3.summarise}; null for the run
 * @param attempt of that step, from 1 on; 0 where it is about none
 * @param data what belongs to the kind; never null
 */
public record RunEvent(long seq, long at, Kind kind, String path, int attempt, ObjectNode data) {

  /** What can happen. */
  public enum Kind {
    QUEUED,
    /** A process works on the run, for the first time or again. */
    STARTED,
    /** An attempt is about to be made: {@code input}. */
    BEGUN,
    /** A step gave its {@code result}. */
    FINISHED,
    /** An attempt failed: {@code code}, {@code message}; {@code retry_at} when there is another. */
    FAILED,
    SKIPPED,
    /** A model answered: {@code result}, {@code usage}. */
    ANSWERED,
    /** A tool of a model gave its {@code result}. */
    TOOL,
    /** A step rests until {@code until}. */
    WAITING,
    /** A person of {@code role} is asked {@code message}. */
    ASKED,
    /** A person answered: {@code approved}, {@code note}, {@code by}. */
    APPROVED,
    IN_DOUBT,
    /** A person said what became of a step in doubt: {@code how}, {@code result}, {@code by}. */
    RESOLVED,
    /** Nothing can go on before a time or a person: {@code worked_ms}. */
    RESTED,
    /** A step's {@code result} comes from the run {@code from}. */
    TAKEN_OVER,
    CANCELLING,
    ENDED;

    private static final Kind[] ALL = values();

    /** As the API and the database write it. */
    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Kind ofWire(String word) {
      for (Kind kind : ALL) {
        if (kind.wire().equals(word)) {
          return kind;
        }
      }
      throw new IllegalStateException("The journal has an event that this version does not know");
    }
  }
}
