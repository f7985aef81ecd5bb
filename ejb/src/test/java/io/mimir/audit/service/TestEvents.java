package io.mimir.audit.service;

import jakarta.enterprise.event.Event;
import java.lang.reflect.Proxy;
import java.util.List;

/** Events that nobody observes but a test. */
public final class TestEvents {

  private TestEvents() {}

  /** What is fired is added to a list. */
  @SuppressWarnings("unchecked")
  public static <T> Event<T> into(List<T> fired) {
    return (Event<T>)
        Proxy.newProxyInstance(
            Event.class.getClassLoader(),
            new Class<?>[] {Event.class},
            (proxy, method, arguments) -> {
              if (!method.getName().equals("fire")) {
                throw new UnsupportedOperationException(method.getName());
              }
              fired.add((T) arguments[0]);
              return null;
            });
  }
}
