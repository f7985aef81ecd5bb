package io.mimir.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PoolTest {

  @Test
  void anEmptyOneSaysSo() {
    assertThat(new Pool<Object>().take()).isNull();
  }

  @Test
  void whatWasGivenBackIsGivenOutOnce() {
    Pool<Object> pool = new Pool<>();
    Object one = new Object();
    pool.give(one);

    assertThat(pool.take()).isSameAs(one);
    assertThat(pool.take()).isNull();
  }

  @Test
  void itKeepsAFewAndDropsTheRest() {
    Pool<Object> pool = new Pool<>();
    for (int i = 0; i < 100; i++) {
      pool.give(new Object());
    }
    int kept = 0;
    while (pool.take() != null) {
      kept++;
    }
    assertThat(kept).isEqualTo(16);
  }

  @Test
  void noTwoThreadsHaveTheSameAtOnce() throws Exception {
    Pool<AtomicInteger> pool = new Pool<>();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<Integer>> clashes = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        clashes.add(threads.submit(() -> clashesOf(pool)));
      }
      for (Future<Integer> found : clashes) {
        assertThat(found.get()).isZero();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static int clashesOf(Pool<AtomicInteger> pool) {
    int clashes = 0;
    for (int i = 0; i < 100_000; i++) {
      AtomicInteger mine = pool.take();
      if (mine == null) {
        mine = new AtomicInteger();
      }
      if (mine.incrementAndGet() != 1) {
        clashes++;
      }
      mine.decrementAndGet();
      pool.give(mine);
    }
    return clashes;
  }
}
