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
    items.keep("acc", item("a", 200));
    items.keep("acc", item("b", 200));
    items.keep("acc", item("c", 200));

    assertThat(items.find("acc", "a")).isNull();
    assertThat(items.find("acc", "b")).isEqualTo(item("b", 200));
    assertThat(items.find("acc", "c")).isEqualTo(item("c", 200));
  }

  @Test
  void oneThatIsTooLargeDoesNotStay() {
    items.keep("acc", item("a", 2000));

    assertThat(items.find("acc", "a")).isNull();
    items.keep("acc", item("b", 200));
    assertThat(items.find("acc", "b")).isNotNull();
  }

  @Test
  void theyAreForgottenAfterAnHour() {
    items.keep("acc", item("a", 10));
    now += Duration.ofMinutes(60).toNanos();
    assertThat(items.find("acc", "a")).isNotNull();

    now += 1;

    assertThat(items.find("acc", "a")).isNull();
  }

  @Test
  void theSameIdTakesItsRoomOnce() {
    for (int i = 0; i < 50; i++) {
      items.keep("acc", item("a", 200));
    }
    items.keep("acc", item("b", 200));

    assertThat(items.find("acc", "a")).isNotNull();
    assertThat(items.find("acc", "b")).isNotNull();
  }

  @Test
  void anotherAccountFindsNothing() {
    items.keep("acc", item("a", 10));

    assertThat(items.find("other", "a")).isNull();
    assertThat(items.find("acc", "a")).isNotNull();
  }
}
