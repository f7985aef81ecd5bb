package io.mimir.security.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HashingTest {

  @Test
  void oneWorksAFewWaitAndTheRestIsRefusedAtOnce() throws Exception {
    Hashing hashing = new Hashing(2);
    assertThat(hashing.begin()).isTrue();
    AtomicInteger let = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    AtomicInteger atWork = new AtomicInteger(1);
    AtomicInteger mostAtWork = new AtomicInteger(1);
    CountDownLatch over = new CountDownLatch(20);
    ExecutorService people = Executors.newFixedThreadPool(20);
    for (int i = 0; i < 20; i++) {
      people.execute(
          () -> {
            if (hashing.begin()) {
              let.incrementAndGet();
              mostAtWork.accumulateAndGet(atWork.incrementAndGet(), Math::max);
              atWork.decrementAndGet();
              hashing.end();
            } else {
              refused.incrementAndGet();
            }
            over.countDown();
          });
    }
    while (refused.get() < 12) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    assertThat(let.get()).isZero();

    atWork.decrementAndGet();
    hashing.end();
    over.await();
    people.shutdown();

    assertThat(let.get()).isEqualTo(8);
    assertThat(refused.get()).isEqualTo(12);
    assertThat(mostAtWork.get()).isEqualTo(1);
    assertThat(hashing.begin()).as("room is given back").isTrue();
  }
}
