package io.mimir.pipeline;

/** The bounds of pipelines and their runs. Each refusal names the one that it is about. */
public final class PipelineLimits {

  /** Steps of one definition, those within steps counted too. */
  public static final int STEPS = 200;

  /** How deep steps and pipelines lie in one another. */
  public static final int DEPTH = 8;

  /** Items of one {@code each}. */
  public static final int ITEMS = 10_000;

  /** Runs that are worked on at once. */
  public static final int RUNNING = 64;

  /** Runs that have not begun. */
  public static final int QUEUED = 10_000;

  /** Bytes of one value, as JSON in UTF-8. */
  public static final int VALUE_BYTES = 32 * 1024 * 1024;

  /** Bytes of all values of one run. */
  public static final long RUN_BYTES = 1024L * 1024 * 1024;

  private PipelineLimits() {}
}
