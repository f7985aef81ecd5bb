package io.mimir.llm.service.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RecentItemsTest {

  private long now;
  private final RecentItems items = new RecentItems(() -> now, 1000);

  private static ObjectNode item(String id, int chars) {
    return Json.object().put("id", id).put("text", "x".repeat(chars));
  }

  @Test
  void theOldestGoWhenThereIsNoRoom() {
    items.keep(item("a", 200));
    items.keep(item("b", 200));
    items.keep(item("c", 200));

    assertThat(items.find("a")).isNull();
    assertThat(items.find("b")).isEqualTo(item("b", 200));
    assertThat(items.find("c")).isEqualTo(item("c", 200));
  }

  @Test
  void oneThatIsTooLargeDoesNotStay() {
    items.keep(item("a", 2000));

    assertThat(items.find("a")).isNull();
    items.keep(item("b", 200));
    assertThat(items.find("b")).isNotNull();
  }

  @Test
  void theyAreForgottenAfterAnHour() {
    items.keep(item("a", 10));
    now += Duration.ofMinutes(60).toNanos();
    assertThat(items.find("a")).isNotNull();

    now += 1;

    assertThat(items.find("a")).isNull();
  }

  @Test
  void theSameIdTakesItsRoomOnce() {
    for (int i = 0; i < 50; i++) {
      items.keep(item("a", 200));
    }
    items.keep(item("b", 200));

    assertThat(items.find("a")).isNotNull();
    assertThat(items.find("b")).isNotNull();
  }
}
