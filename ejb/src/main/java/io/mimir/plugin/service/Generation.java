package io.mimir.plugin.service;

import io.mimir.plugin.kit.frame.Frame;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * One process that holds a plugin. A reload makes the next one; calls that have begun here end
 * here.
 */
final class Generation {

  private final int number;
  private final PluginSpec spec;
  private final HostProcess process;
  private final byte[] jail;
  private int running;
  private boolean leaving;

  /**
   * @param jail what the process said of its jail, UTF-8 JSON
   */
  Generation(int number, PluginSpec spec, HostProcess process, byte[] jail) {
    this.number = number;
    this.spec = spec;
    this.process = process;
    this.jail = jail.clone();
  }

  int number() {
    return number;
  }

  PluginSpec spec() {
    return spec;
  }

  HostProcess process() {
    return process;
  }

  byte[] jail() {
    return jail.clone();
  }

  /** Takes part in it, unless it is being left: then the caller asks for the next one. */
  synchronized boolean enter() {
    if (leaving || !process.isAlive()) {
      return false;
    }
    running++;
    return true;
  }

  synchronized void exit() {
    running--;
    notifyAll();
  }

  Frame call(String action, byte[] input, Duration patience, BooleanSupplier cancelled)
      throws HostGoneException {
    return process.call(action, input, patience, cancelled);
  }

  /** Lets nobody in any more. */
  synchronized void leave() {
    leaving = true;
  }

  synchronized boolean isLeft() {
    return leaving;
  }

  /** Waits for the calls that are running, and ends the process. */
  void drain(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    synchronized (this) {
      leaving = true;
      try {
        while (running > 0 && process.isAlive()) {
          long left = (end - System.nanoTime()) / 1_000_000;
          if (left <= 0) {
            break;
          }
          wait(left);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    process.close();
  }
}
