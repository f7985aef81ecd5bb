package io.mimir.net.service;

import java.util.concurrent.CompletableFuture;

/** A call on its way. Cancelling it closes its connection at once. */
public abstract class CallHandle extends CompletableFuture<Void> {

  /**
   * Stops reading the answer until {@link #resume}; the provider is held back by its own socket.
   */
  public abstract void pause();

  /** Goes on reading. */
  public abstract void resume();

  /** Returns a call that was refused before it began. */
  static CallHandle ended() {
    return new CallHandle() {
      @Override
      public void pause() {
        // Nothing comes.
      }

      @Override
      public void resume() {
        // Nothing comes.
      }
    };
  }
}
