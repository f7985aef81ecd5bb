package io.mimir.credential.service;

import io.mimir.credential.KeyHealth;
import io.mimir.credential.RateWindow;
import io.mimir.credential.TokenWindow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What memory knows of a key beside what is stored; it outlives changes of the key. */
final class KeyState {

  final KeyHealth health = new KeyHealth();
  final RateWindow requests = new RateWindow();
  final TokenWindow tokens = new TokenWindow();
  final AtomicInteger concurrent = new AtomicInteger();
  final AtomicLong canaryTurns = new AtomicLong();
  final LongAdder failures = new LongAdder();
  final AtomicBoolean settling = new AtomicBoolean();
  volatile boolean unreadable;
  volatile long version = -1;
}
