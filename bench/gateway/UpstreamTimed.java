/** What a connection of the provider sends when it is time. */
abstract class UpstreamTimed {

  /** When something is to be sent next, of {@link System#nanoTime}. */
  long at;

  /** Sends what is due. */
  abstract void next(long now);
}
